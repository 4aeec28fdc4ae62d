"""AWS sign-in and the console, as a browser meets them."""
