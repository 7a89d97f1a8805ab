"""A comparison of fake_nova with the real Keystone, Glance and Nova, which `scripts/test-against-openstack` runs."""
