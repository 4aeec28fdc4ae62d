// Auth0's samlp as an identity provider for AWS: metadata at /metadata, an assertion at /login?RelayState=.
const http = require("http");
const fs = require("fs");
const [, , library, port, key, certificate, claims] = process.argv;
const samlp = require(library);
const told = JSON.parse(claims);
const credentials = { cert: fs.readFileSync(certificate), key: fs.readFileSync(key) };

function Mapper() {}
Mapper.prototype.getClaims = () => told;
Mapper.prototype.getNameIdentifier = () => ({ nameIdentifier: told["https://aws.amazon.com/SAML/Attributes/RoleSessionName"] });
Mapper.prototype.metadata = [];
const mapper = () => new Mapper();
mapper.prototype = Mapper.prototype;

const login = samlp.auth({
  issuer: "urn:samlp:example",
  ...credentials,
  audience: "urn:amazon:webservices",
  destination: "https://signin.aws.amazon.com/saml",
  recipient: "https://signin.aws.amazon.com/saml",
  lifetimeInSeconds: 300,
  getPostURL: (_audience, _request, _req, done) => done(null, "https://signin.aws.amazon.com/saml"),
  getUserFromRequest: () => ({ id: "1" }),
  profileMapper: mapper,
});
const metadata = samlp.metadata({ issuer: "urn:samlp:example", ...credentials, profileMapper: mapper });

http.createServer((request, response) => {
  const url = new URL(request.url, `http://127.0.0.1:${port}`);
  Object.assign(request, { query: Object.fromEntries(url.searchParams), originalUrl: request.url, protocol: "http", body: {} });
  Object.assign(response, { set: (name, value) => response.setHeader(name, value), send: (body) => response.end(body) });
  const failed = (error) => { response.statusCode = 500; response.end(String(error && error.stack)); };
  (url.pathname === "/metadata" ? metadata : login)(request, response, failed);
}).listen(Number(port), "127.0.0.1");
