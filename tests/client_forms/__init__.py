"""The forms in which people configure clients: openrc files and clouds.yaml. Each connects, or says what is wrong."""
