package jenkinsx

import (
	"fmt"
	"maps"
	"slices"
)

// A ServiceAccount is one that gets an IAM role. A caller appends accounts of
// their own to [ServiceAccounts].
type ServiceAccount struct {
	Namespace string
	Name      string
	Labels    map[string]string // of the account; jx puts aws-usage on its own
	// Purpose says what the account does, in words.
	Purpose string
	// Export is the name under which CloudFormation exports the ARN of its policy,
	// without the suffix that makes it unique: "TektonBotPolicy". Empty: it has
	// none of its own.
	Export string
	// PolicyARNs are policies that exist already.
	PolicyARNs []string
}

// Subject is what the tokens of the account say of it:
// "system:serviceaccount:jx:tekton-bot".
func (a ServiceAccount) Subject() string {
	return "system:serviceaccount:" + a.Namespace + ":" + a.Name
}

// ExportName returns the name of the export with the suffix of one installation,
// as the template joins them: "TektonBotPolicy-f00d". It is empty for an account
// without a policy of its own.
func (a ServiceAccount) ExportName(suffix string) string {
	if a.Export == "" {
		return ""
	}
	return a.Export + "-" + suffix
}

// ServiceAccounts returns the accounts of Jenkins X that get roles, in the order
// of their names, in a slice that the caller may extend. The namespace is that of
// Jenkins X, "jx" if it is empty; cert-manager has its own. The documentation
// names the export of tekton-bot's policy alone: whoever uses the exports of
// another template says so in Export.
//
// Source: https://jenkins-x.io/v2/docs/install-setup/installing/boot/clouds/amazon/
func ServiceAccounts(namespace string) []ServiceAccount {
	if namespace == "" {
		namespace = "jx"
	}
	const dns = "cert-manager"
	accounts := []ServiceAccount{
		{Namespace: dns, Name: "cm-cainjector", Purpose: "puts authorities into webhooks"},
		{Namespace: dns, Name: "cm-cert-manager", Purpose: "answers challenges of Let's Encrypt in the hosted zone"},
		{Namespace: namespace, Name: "exdns-external-dns", Purpose: "writes the records of ingresses"},
		{Namespace: namespace, Name: "jenkins-x-controllerbuild", Purpose: "stores the logs of builds"},
		{Namespace: namespace, Name: "jxui", Purpose: "shows what is stored"},
		{Namespace: namespace, Name: "tekton-bot", Purpose: "runs pipelines: images, buckets, stacks", Export: "TektonBotPolicy"},
	}
	for i := range accounts {
		accounts[i].Labels = map[string]string{"aws-usage": "jenkins-x"}
	}
	return accounts
}

// Duplicates returns the accounts of a table that stand in it twice, as
// NAMESPACE/NAME, ordered: each can have one role.
func Duplicates(accounts []ServiceAccount) []string {
	count := map[string]int{}
	for _, a := range accounts {
		count[fmt.Sprintf("%s/%s", a.Namespace, a.Name)]++
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < 2 })
	return slices.Sorted(maps.Keys(count))
}
