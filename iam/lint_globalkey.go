package iam

import "strings"

// globalKeys are the keys that requests may have whatever the action, in lower
// case: those of AWS itself, and those of services that stand in the requests of
// sessions that the service began. A type of 0 means that AWS's page does not
// give one. The keys about tags are missing: which action has them, the catalog
// knows.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var globalKeys = map[string]ConditionKey{
	"aws:principalarn":                 {Name: "aws:PrincipalArn", Type: ARNKey},
	"aws:principalaccount":             {Name: "aws:PrincipalAccount", Type: StringKey},
	"aws:principalorgpaths":            {Name: "aws:PrincipalOrgPaths", Type: StringKey, Multivalued: true},
	"aws:principalorgid":               {Name: "aws:PrincipalOrgID", Type: StringKey},
	"aws:principalisawsservice":        {Name: "aws:PrincipalIsAWSService", Type: BoolKey},
	"aws:principalservicename":         {Name: "aws:PrincipalServiceName", Type: StringKey},
	"aws:principalservicenameslist":    {Name: "aws:PrincipalServiceNamesList", Type: StringKey, Multivalued: true},
	"aws:principaltype":                {Name: "aws:PrincipalType", Type: StringKey},
	"aws:userid":                       {Name: "aws:userid", Type: StringKey},
	"aws:username":                     {Name: "aws:username", Type: StringKey},
	"aws:assumedroot":                  {Name: "aws:AssumedRoot"},
	"aws:federatedprovider":            {Name: "aws:FederatedProvider", Type: StringKey},
	"aws:tokenissuetime":               {Name: "aws:TokenIssueTime", Type: DateKey},
	"aws:multifactorauthage":           {Name: "aws:MultiFactorAuthAge", Type: NumericKey},
	"aws:multifactorauthpresent":       {Name: "aws:MultiFactorAuthPresent", Type: BoolKey},
	"aws:chatbotsourcearn":             {Name: "aws:ChatbotSourceArn", Type: ARNKey},
	"aws:ec2instancesourcevpc":         {Name: "aws:Ec2InstanceSourceVpc", Type: StringKey},
	"aws:ec2instancesourceprivateipv4": {Name: "aws:Ec2InstanceSourcePrivateIPv4", Type: IPAddressKey},
	"aws:sourceidentity":               {Name: "aws:SourceIdentity", Type: StringKey},
	"aws:sourceip":                     {Name: "aws:SourceIp", Type: IPAddressKey},
	"aws:sourcevpc":                    {Name: "aws:SourceVpc", Type: StringKey},
	"aws:sourcevpcarn":                 {Name: "aws:SourceVpcArn", Type: ARNKey},
	"aws:sourcevpce":                   {Name: "aws:SourceVpce", Type: StringKey},
	"aws:vpceaccount":                  {Name: "aws:VpceAccount", Type: StringKey},
	"aws:vpceorgid":                    {Name: "aws:VpceOrgID", Type: StringKey},
	"aws:vpceorgpaths":                 {Name: "aws:VpceOrgPaths", Type: StringKey, Multivalued: true},
	"aws:vpcsourceip":                  {Name: "aws:VpcSourceIp", Type: IPAddressKey},
	"aws:resourceaccount":              {Name: "aws:ResourceAccount", Type: StringKey},
	"aws:resourceorgid":                {Name: "aws:ResourceOrgID", Type: StringKey},
	"aws:resourceorgpaths":             {Name: "aws:ResourceOrgPaths", Type: StringKey, Multivalued: true},
	"aws:calledvia":                    {Name: "aws:CalledVia", Type: StringKey, Multivalued: true},
	"aws:calledviafirst":               {Name: "aws:CalledViaFirst", Type: StringKey},
	"aws:calledvialast":                {Name: "aws:CalledViaLast", Type: StringKey},
	"aws:viaawsservice":                {Name: "aws:ViaAWSService", Type: BoolKey},
	"aws:currenttime":                  {Name: "aws:CurrentTime", Type: DateKey},
	"aws:epochtime":                    {Name: "aws:EpochTime"}, // a date or a number, as one likes
	"aws:referer":                      {Name: "aws:referer", Type: StringKey},
	"aws:requestedregion":              {Name: "aws:RequestedRegion", Type: StringKey},
	"aws:securetransport":              {Name: "aws:SecureTransport", Type: BoolKey},
	"aws:sourceaccount":                {Name: "aws:SourceAccount", Type: StringKey},
	"aws:sourcearn":                    {Name: "aws:SourceArn", Type: ARNKey},
	"aws:sourceorgid":                  {Name: "aws:SourceOrgID", Type: StringKey},
	"aws:sourceorgpaths":               {Name: "aws:SourceOrgPaths", Type: StringKey, Multivalued: true},
	"aws:useragent":                    {Name: "aws:UserAgent", Type: StringKey},
	"codebuild:buildarn":               {Name: "codebuild:BuildArn", Type: ARNKey},
	"codebuild:projectarn":             {Name: "codebuild:ProjectArn", Type: ARNKey},
	"ec2:roledelivery":                 {Name: "ec2:RoleDelivery", Type: NumericKey},
	"ec2:sourceinstancearn":            {Name: "ec2:SourceInstanceARN", Type: ARNKey},
	"glue:credentialissuingservice":    {Name: "glue:CredentialIssuingService", Type: StringKey},
	"glue:roleassumedby":               {Name: "glue:RoleAssumedBy", Type: StringKey},
	"identitystore:userid":             {Name: "identitystore:UserId", Type: StringKey},
	"lambda:sourcefunctionarn":         {Name: "lambda:SourceFunctionArn", Type: ARNKey},
	"ssm:sourceinstancearn":            {Name: "ssm:SourceInstanceARN", Type: ARNKey},
}

// globalKey returns the global key that a name in a policy is.
func globalKey(name string) (ConditionKey, bool) {
	lower := asciiLower(name)
	if strings.HasPrefix(lower, "aws:principaltag/") {
		return ConditionKey{Name: "aws:PrincipalTag/${TagKey}", Type: StringKey}, true
	}
	k, ok := globalKeys[lower]
	return k, ok
}

// isTagKey reports whether a key is one of those of AWS itself that not every
// action has.
func isTagKey(name string) bool {
	lower := asciiLower(name)
	return lower == "aws:tagkeys" || strings.HasPrefix(lower, "aws:requesttag/") || strings.HasPrefix(lower, "aws:resourcetag/")
}

// isFederated reports whether a key holds what an identity provider said about
// its user. The names of such keys are the provider's.
func isFederated(name string) bool {
	end := strings.IndexAny(name, ":/")
	return end >= 0 && strings.Contains(name[:end], ".") || strings.HasPrefix(asciiLower(name), "saml:")
}
