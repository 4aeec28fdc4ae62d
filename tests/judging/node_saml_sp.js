// node-saml as a service provider: prints the URL of its request, or its verdict on a response.
const [, , library, what, settings, given] = process.argv;
const { SAML } = require(library);
const options = JSON.parse(settings);
const memory = new Map();
options.cacheProvider = {
  saveAsync: async (key, value) => { memory.set(key, value); return { value, createdAt: Date.now() }; },
  getAsync: async (key) => memory.get(key) || null,
  removeAsync: async (key) => { memory.delete(key); return key; },
};
const saml = new SAML(options);
(async () => {
  if (what === "ask") { console.log(JSON.stringify({ url: await saml.getAuthorizeUrlAsync("/start", undefined, {}) })); return; }
  const answer = JSON.parse(given);
  if (answer.request) memory.set(answer.request, new Date().toISOString());
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: answer.response });
  console.log(JSON.stringify({ nameID: profile.nameID, name: profile.name, inResponseTo: profile.inResponseTo || "" }));
})().catch((error) => { console.log(JSON.stringify({ error: error.message })); });
