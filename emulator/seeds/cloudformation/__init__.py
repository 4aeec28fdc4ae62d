"""CloudFormation templates, as people write them and as CDK prints them."""
