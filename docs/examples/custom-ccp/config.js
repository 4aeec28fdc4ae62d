// Where the agent's CCP is, and the link behind the Okta tile with the CCP as relay state's destination.
var ccpConfig = {
  ccpUrl: "https://acme.my.connect.aws/ccp-v2",
  loginUrl: "https://acme.okta.com/home/amazon_aws/0oaXgnc2Ts1PiAr23pip/272?RelayState=" + encodeURIComponent(
    "https://ap-northeast-1.console.aws.amazon.com/connect/federate/12345678-90ab-cdef-1234-567890abcdef?destination=%2Fccp-v2"),
  options: {},
};
