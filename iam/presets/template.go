package presets

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// SuffixParameter is the parameter of a template that makes the names of
// policies and exports unique, so that several stacks may stand in one account.
const SuffixParameter = "PoliciesSuffixParameter"

// maxSuffix is how many characters a suffix may have.
const maxSuffix = 32

// TemplateOptions adjust [Set.Template]. The zero value makes the policies, roles
// and instance profiles.
type TemplateOptions struct {
	// Providers makes the OpenID Connect providers too, which eksctl makes with
	// withOIDC. IAM has at most one for an issuer.
	Providers bool
	// Associations makes those of Pod Identity too: their cluster has to exist.
	Associations bool
}

// Template returns the set as a CloudFormation template in JSON, to be created
// with CAPABILITY_NAMED_IAM. Policies are named NAME-SUFFIX, and exported as
// EXPORT-SUFFIX where they have one; roles and instance profiles keep their
// names, which the policies have too.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
func (s Set) Template(o TemplateOptions) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	t := templater{resources: map[string]any{}, outputs: map[string]any{}, ids: map[string]string{}}
	users := map[string][]string{}
	for _, a := range s.Attachments {
		for _, name := range a.Policies {
			users[name] = append(users[name], a.User)
		}
	}
	for _, p := range s.Policies {
		if n := len(p.Name) + 1 + maxSuffix; n > 128 {
			return nil, fmt.Errorf("%s: policy %q: with a suffix it may have %d characters, and AWS takes 128", s.System, p.Name, n)
		}
		properties := map[string]any{"ManagedPolicyName": suffixed(p.Name), "PolicyDocument": p.Document}
		optional(properties, "Description", p.Description)
		optional(properties, "Path", p.Path)
		if len(users[p.Name]) > 0 {
			properties["Users"] = users[p.Name]
		}
		id := t.add("policy", p.Name, "AWS::IAM::ManagedPolicy", properties)
		if p.Export != "" {
			t.outputs[id] = map[string]any{
				"Description": "The ARN of the created policy",
				"Value":       ref(id),
				"Export":      map[string]any{"Name": suffixed(p.Export)},
			}
		}
	}
	for _, r := range s.Roles {
		var policies []any
		for _, name := range r.Policies {
			policies = append(policies, ref(t.id("policy", name)))
		}
		properties := map[string]any{"RoleName": r.Name, "AssumeRolePolicyDocument": r.Trust, "ManagedPolicyArns": policies}
		optional(properties, "Description", r.Description)
		optional(properties, "Path", r.Path)
		optional(properties, "PermissionsBoundary", r.Boundary)
		id := t.add("role", r.Name, "AWS::IAM::Role", properties)
		t.outputs[id] = map[string]any{"Description": "The ARN of the created role", "Value": arnOf(id)}
	}
	for _, p := range s.Profiles {
		properties := map[string]any{"InstanceProfileName": p.Name, "Roles": []any{ref(t.id("role", p.Role))}}
		optional(properties, "Path", p.Path)
		t.add("profile", p.Name, "AWS::IAM::InstanceProfile", properties)
	}
	if o.Providers {
		for _, p := range s.Providers {
			t.add("provider", p.URL, "AWS::IAM::OIDCProvider", map[string]any{"Url": p.URL, "ClientIdList": p.Audiences})
		}
	}
	if o.Associations {
		for _, a := range s.Associations {
			t.add("association", a.Namespace+"/"+a.ServiceAccount, "AWS::EKS::PodIdentityAssociation", map[string]any{
				"ClusterName": a.Cluster, "Namespace": a.Namespace, "ServiceAccount": a.ServiceAccount, "RoleArn": arnOf(t.id("role", a.Role)),
			})
		}
	}
	return encode(template{
		Version:     "2010-09-09",
		Description: "IAM policies and roles of " + s.System,
		Parameters: map[string]any{SuffixParameter: map[string]any{
			"Type": "String", "Description": "Makes the names of policies and exports unique",
			"AllowedPattern": fmt.Sprintf("[A-Za-z0-9]{1,%d}", maxSuffix), "ConstraintDescription": fmt.Sprintf("1 to %d letters and digits", maxSuffix),
		}},
		Resources: t.resources,
		Outputs:   t.outputs,
	})
}

// A template has its parts in the order in which people read them.
type template struct {
	Version     string         `json:"AWSTemplateFormatVersion"`
	Description string         `json:"Description"`
	Parameters  map[string]any `json:"Parameters"`
	Resources   map[string]any `json:"Resources"`
	Outputs     map[string]any `json:"Outputs"`
}

// A templater names the resources of a template.
type templater struct {
	resources, outputs map[string]any
	ids                map[string]string // logical ids by kind and name
}

func (t templater) add(kind, name, resource string, properties map[string]any) string {
	id := t.id(kind, name)
	t.resources[id] = map[string]any{"Type": resource, "Properties": properties}
	return id
}

// id returns the logical id of a resource: the letters and digits of its name,
// for policies as they are, with the kind in front for others, and with a number
// where two names have the same.
func (t templater) id(kind, name string) string {
	key := kind + " " + name
	if id, ok := t.ids[key]; ok {
		return id
	}
	var b strings.Builder
	if kind != "policy" {
		b.WriteString(strings.ToUpper(kind[:1]) + kind[1:])
	}
	up := true
	for _, r := range strings.TrimPrefix(name, "https://") {
		switch {
		case r >= 'a' && r <= 'z' && up:
			b.WriteRune(r - 'a' + 'A')
			up = false
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			b.WriteRune(r)
			up = false
		default:
			up = true
		}
	}
	const most = 240 // of the 255 characters of a logical id
	base := b.String()
	if len(base) > most {
		base = base[:most]
	}
	id := base
	for n := 2; t.taken(id); n++ {
		id = fmt.Sprintf("%s%d", base, n)
	}
	t.ids[key] = id
	return id
}

func (t templater) taken(id string) bool {
	for _, other := range t.ids {
		if other == id {
			return true
		}
	}
	return false
}

func ref(id string) any   { return map[string]any{"Ref": id} }
func arnOf(id string) any { return map[string]any{"Fn::GetAtt": []string{id, "Arn"}} }

func suffixed(name string) any {
	return map[string]any{"Fn::Join": []any{"-", []any{name, ref(SuffixParameter)}}}
}

func optional(properties map[string]any, name, value string) {
	if value != "" {
		properties[name] = value
	}
}

// IRSAOptions adjust [Set.IRSA].
type IRSAOptions struct {
	Cluster string            // the name of the EKS cluster
	Labels  map[string]string // of the service accounts: {"aws-usage": "jenkins-x"}
	// Exports takes the ARNs of policies from the exports of the stack, in the
	// templates that jx fills: {{.IAM.TektonBotPolicy | quote}}. A service account
	// is left out where the stack does not export its policy. Without it the ARNs
	// are those of the account, with the names that the set has.
	Exports bool
}

// IRSA returns a configuration of eksctl with the service accounts of the set, in
// YAML: eksctl makes a role for each and attaches the policies.
//
// https://eksctl.io/usage/iamserviceaccounts/
func (s Set) IRSA(scope iam.Scope, o IRSAOptions) ([]byte, error) {
	c := in(scope, s.System)
	c.one(scope)
	c.text("Cluster", clusterForm, o.Cluster)
	for _, k := range sortedKeys(o.Labels) {
		c.text("Labels", labelForm, k)
		c.optional("Labels", labelForm, o.Labels[k])
	}
	exports, arns := map[string]string{}, map[string]string{}
	for _, p := range s.Policies {
		exports[p.Name] = p.Export
		arns[p.Name] = scope.ARN("iam", "policy"+cmp.Or(p.Path, "/")+p.Name)
	}
	for _, r := range s.Roles {
		for _, name := range r.Policies {
			if o.Exports && r.ServiceAccount != "" && exports[name] == "" {
				c.add("policy "+name, "it has no Export")
			}
		}
	}
	if err := errors.Join(s.check(), c.err()); err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata:\n  name: %q\n  region: %q\niam:\n  withOIDC: true\n  serviceAccounts:\n", o.Cluster, regionOf(scope))
	for _, r := range s.Roles {
		if r.ServiceAccount == "" {
			continue
		}
		var conditions, policies []string
		for _, name := range r.Policies {
			if o.Exports {
				conditions = append(conditions, ".IAM."+exports[name])
				policies = append(policies, "{{.IAM."+exports[name]+" | quote}}")
				continue
			}
			policies = append(policies, fmt.Sprintf("%q", arns[name]))
		}
		if o.Exports {
			condition := strings.Join(conditions, " ")
			if len(conditions) > 1 {
				condition = "and " + condition
			}
			fmt.Fprintf(&b, "{{- if %s }}\n", condition)
		}
		fmt.Fprintf(&b, "  - metadata:\n      name: %q\n      namespace: %q\n", r.ServiceAccount, r.Namespace)
		if len(o.Labels) > 0 {
			var labels []string
			for _, k := range sortedKeys(o.Labels) {
				labels = append(labels, fmt.Sprintf("%q: %q", k, o.Labels[k]))
			}
			fmt.Fprintf(&b, "      labels: {%s}\n", strings.Join(labels, ", "))
		}
		b.WriteString("    attachPolicyARNs:\n")
		for _, p := range policies {
			fmt.Fprintf(&b, "    - %s\n", p)
		}
		if r.Boundary != "" {
			fmt.Fprintf(&b, "    permissionsBoundary: %q\n", r.Boundary)
		}
		if o.Exports {
			b.WriteString("{{- end }}\n")
		}
	}
	return []byte(b.String()), nil
}
