"""AWS Sign-In: from a posted SAMLResponse, or a broker's credentials, to a console session in the browser's cookies."""
