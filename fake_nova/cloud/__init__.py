"""What an emulated cloud is made of and remembers: images, people, tokens, time. No HTTP."""
