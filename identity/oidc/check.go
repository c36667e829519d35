package oidc

import (
	"cmp"
	"crypto"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// A Snapshot is what was seen of an account and a cluster. A part that is left
// out is unseen.
type Snapshot struct {
	groundway.Observation
	Parts
}

// Parts are what is seen. Their names in JSON are theirs alone, so that one file
// can hold the snapshots of several packages.
type Parts struct {
	Providers    groundway.Part[Provider]    `json:"oidcProviders,omitzero"`
	Roles        groundway.Part[Role]        `json:"serviceAccountRoles,omitzero"`
	Associations groundway.Part[Association] `json:"podIdentityAssociations,omitzero"`
	Accounts     groundway.Part[Account]     `json:"serviceAccounts,omitzero"`
	// Published are the documents that the issuer serves.
	Published groundway.Part[Published] `json:"issuerDocuments,omitzero"`
}

// Published are the documents found at an issuer.
type Published struct {
	Issuer    string    `json:"issuer"` // at which they were asked for
	Discovery Discovery `json:"discovery"`
	Keys      KeySet    `json:"keys"`
}

// Key returns the issuer.
func (p Published) Key() string { return p.Issuer }

// CheckOptions say what surrounds a plan. The zero value is right.
type CheckOptions struct {
	// Signs is the public key by which the API server signs; without it whether
	// it is published is unknown.
	Signs crypto.PublicKey
}

// Check compares a plan with what was seen: whether the pods of every service
// account would get their role, and nobody else.
func Check(p Plan, s Snapshot, o CheckOptions) []groundway.Finding {
	c := &checker{
		Tally: groundway.NewTally(Rules(), groundway.Subject{Kind: "cluster", ID: p.Cluster.Name}),
		p:     p, s: s, o: o,
	}
	for _, check := range []func(*checker){
		checkProvider, checkDocuments, checkRoles, checkAssociations, checkAnnotations, checkNodeRole,
	} {
		check(c)
	}
	for _, r := range rules {
		if !c.Settled(r.Code) {
			c.Inapplicable(r.Code, "there is no service account")
		}
	}
	return c.Findings()
}

type checker struct {
	*groundway.Tally
	p Plan
	s Snapshot
	o CheckOptions
}

// A fault is what a rule says of a value.
type fault struct {
	path, got, want, source string
	summary, action         string
	command                 []string
}

func (c *checker) fail(code groundway.Code, s groundway.Subject, f fault) {
	r := groundway.Remedy{Action: f.action}
	if f.command != nil {
		r.Commands = [][]string{f.command}
	}
	c.Fail(groundway.Finding{
		Code: code, Subject: s, Summary: f.summary, Remedies: []groundway.Remedy{r},
		Evidence: []groundway.Fact{{Path: f.path, Got: f.got, Want: f.want, Source: f.source}},
	})
}

// unseen records that a rule is unknown because a part was not seen.
func (c *checker) unseen(code groundway.Code, s groundway.Subject, action string, gaps []groundway.Gap) {
	if len(gaps) == 0 {
		gaps = []groundway.Gap{{Action: action, Message: "it was not asked for"}}
	}
	c.Unseen(code, s, nil, gaps...)
}

// lookup returns the item of a part with a key.
func lookup[T groundway.Keyed](part groundway.Part[T], key string) (T, bool) {
	if i := slices.IndexFunc(part.Items, func(x T) bool { return x.Key() == key }); i >= 0 {
		return part.Items[i], true
	}
	var zero T
	return zero, false
}

func pointer(part, key string, steps ...string) string {
	return groundway.Pointer(append([]string{"parts", part, "items", key}, steps...)...)
}

// not records that rules have no subject in the mode of the plan.
func (c *checker) not(codes ...groundway.Code) {
	for _, code := range codes {
		c.Inapplicable(code, "permissions come by "+c.p.Cluster.Mode.String())
	}
}

func checkProvider(c *checker) {
	if c.p.Cluster.Mode != ModeIRSA {
		c.not(codeProvider, codeClientID)
		return
	}
	const part = "oidcProviders"
	issuer := c.p.Cluster.Issuer
	s := groundway.Subject{Kind: "oidc-provider", ID: c.p.Provider.ARN, ARN: c.p.Provider.ARN}
	p, ok := lookup(c.s.Providers, c.p.Provider.ARN)
	switch {
	case !ok && !c.s.Providers.Complete():
		c.unseen(codeProvider, s, actionProviders, c.s.Providers.Gaps)
		c.unseen(codeClientID, s, actionProviders, c.s.Providers.Gaps)
		return
	case !ok || p.Issuer() != issuer:
		f := fault{
			path: groundway.Pointer("parts", part), want: issuer, source: actionProviders,
			summary: fmt.Sprintf("IAM has no provider for the issuer %s.", issuer),
			action:  "Register the issuer with IAM.",
			command: append([]string{"aws", "iam", "create-open-id-connect-provider", "--url", issuer, "--client-id-list"}, c.p.Provider.ClientIDs...),
		}
		if ok {
			f.path, f.got = pointer(part, p.ARN, "url"), p.URL
		}
		c.fail(codeProvider, s, f)
		c.Skip(codeClientID, codeProvider, s)
		return
	}
	c.Pass(codeProvider, 1)
	var missing []string
	for _, audience := range c.p.Provider.ClientIDs {
		if !slices.Contains(p.ClientIDs, audience) {
			missing = append(missing, audience)
		}
	}
	if missing == nil {
		c.Pass(codeClientID, len(c.p.Provider.ClientIDs))
		return
	}
	c.fail(codeClientID, s, fault{
		path: pointer(part, p.ARN, "clientIds"), got: strings.Join(p.ClientIDs, ", "), want: strings.Join(missing, ", "), source: actionProvider,
		summary: fmt.Sprintf("The provider takes tokens for %s, and not for %s.", quoted(p.ClientIDs), quoted(missing)),
		action:  "Add the audience to the provider.",
		command: []string{"aws", "iam", "add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn", p.ARN, "--client-id", missing[0]},
	})
}

func checkDocuments(c *checker) {
	if c.p.Cluster.Mode != ModeIRSA {
		c.not(codeDiscovery, codeKey)
		return
	}
	const part = "issuerDocuments"
	issuer := c.p.Cluster.Issuer
	s := groundway.Subject{Kind: "issuer", ID: issuer}
	p, ok := lookup(c.s.Published, issuer)
	switch {
	case !ok && c.s.Published.Complete():
		c.fail(codeDiscovery, s, fault{
			path: groundway.Pointer("parts", part), want: issuer + DiscoveryPath, source: "GET " + issuer + DiscoveryPath,
			summary: fmt.Sprintf("The issuer %s publishes no discovery document.", issuer),
			action:  "Publish the documents of the issuer.",
		})
		c.Skip(codeKey, codeDiscovery, s)
		return
	case !ok:
		const source = "GET " + DiscoveryPath
		c.unseen(codeDiscovery, s, source, c.s.Published.Gaps)
		c.unseen(codeKey, s, source, c.s.Published.Gaps)
		return
	}
	c.discovery(s, p)
	switch {
	case c.o.Signs == nil:
		c.unseen(codeKey, s, "the key that signs", nil)
	default:
		id, err := KeyID(c.o.Signs)
		if _, published := p.Keys.Key(id); err == nil && published {
			c.Pass(codeKey, 1)
			return
		}
		c.fail(codeKey, s, fault{
			path: pointer(part, issuer, "keys"), got: strings.Join(p.Keys.IDs(), ", "), want: id, source: "GET " + p.Discovery.JWKSURI,
			summary: fmt.Sprintf("The API server signs with the key %s, which the issuer does not publish.", id),
			action:  "Publish the key beside the others, before it signs.",
		})
	}
}

func (c *checker) discovery(s groundway.Subject, p Published) {
	const source = "GET " + DiscoveryPath
	d := p.Discovery
	u, err := url.Parse(d.JWKSURI)
	var lacking []string
	for _, a := range NewDiscovery(p.Issuer, "", p.Keys).Algorithms {
		if !slices.Contains(d.Algorithms, a) {
			lacking = append(lacking, a)
		}
	}
	f := fault{source: source, action: "Publish the documents of the issuer anew."}
	at := func(field, got, want, summary string) {
		f.path, f.got, f.want, f.summary = pointer("issuerDocuments", p.Issuer, "discovery", field), got, want, summary
	}
	switch {
	case d.Issuer != p.Issuer:
		at("issuer", d.Issuer, p.Issuer, fmt.Sprintf("The document at %s names the issuer %s.", p.Issuer, quote(d.Issuer)))
	case err != nil || u.Scheme != "https" || u.Host == "":
		at("jwks_uri", d.JWKSURI, "a URL by https", fmt.Sprintf("The keys of %s are at %s, which is not https.", p.Issuer, quote(d.JWKSURI)))
	case lacking != nil:
		at("id_token_signing_alg_values_supported", strings.Join(d.Algorithms, ", "), strings.Join(lacking, ", "),
			fmt.Sprintf("The document at %s does not list %s, by which a key of the set signs.", p.Issuer, strings.Join(lacking, " and ")))
	default:
		c.Pass(codeDiscovery, 1)
		return
	}
	c.fail(codeDiscovery, s, f)
}

const partRoles = "serviceAccountRoles"

func roleSubject(r RolePlan) groundway.Subject {
	return groundway.Subject{Kind: "role", ID: r.Name, ARN: r.ARN}
}

func checkRoles(c *checker) {
	for _, plan := range c.p.Roles {
		s := roleSubject(plan)
		r, ok := lookup(c.s.Roles, plan.ARN)
		codes := []groundway.Code{codeRefuses, codeWide, codePolicy}
		if c.p.Cluster.Mode == ModeNodeRole {
			codes = codes[2:]
		}
		switch {
		case ok:
			c.Pass(codeRole, 1)
			c.checkPolicies(s, plan, r)
			if c.p.Cluster.Mode != ModeNodeRole {
				c.checkTrust(s, plan, r)
			}
		case !c.s.Roles.Complete():
			for _, code := range append(codes, codeRole) {
				c.unseen(code, s, actionRole, c.s.Roles.Gaps)
			}
		default:
			f := fault{
				path: groundway.Pointer("parts", partRoles), want: plan.ARN, source: actionRole,
				summary: fmt.Sprintf("The role %s does not exist.", plan.Name), action: "Create the role.",
			}
			if len(plan.Trust.Statements) > 0 {
				f.command = []string{"aws", "iam", "create-role", "--role-name", plan.Name, "--assume-role-policy-document", plan.Trust.String()}
			}
			c.fail(codeRole, s, f)
			for _, code := range codes {
				c.Skip(code, codeRole, s)
			}
		}
	}
	if c.p.Cluster.Mode == ModeNodeRole {
		c.not(codeRefuses, codeWide)
	}
}

func (c *checker) checkPolicies(s groundway.Subject, plan RolePlan, r Role) {
	var missing []string
	for _, arn := range plan.PolicyARNs {
		if !slices.Contains(r.Policies.Items, arn) {
			missing = append(missing, arn)
		}
	}
	switch {
	case missing == nil:
		c.Pass(codePolicy, 1)
	case !r.Policies.Complete():
		c.unseen(codePolicy, s, actionPolicies, r.Policies.Gaps)
	default:
		f := groundway.Finding{
			Code: codePolicy, Subject: s, Summary: fmt.Sprintf("The role %s lacks the policy %s.", plan.Name, strings.Join(missing, " and ")),
			Evidence: []groundway.Fact{{
				Path: pointer(partRoles, r.ARN, "policies", "items"), Got: strings.Join(r.Policies.Items, ", "), Want: strings.Join(missing, ", "), Source: actionPolicies,
			}},
			Remedies: []groundway.Remedy{{Action: "Attach the policy to the role."}},
		}
		for _, arn := range missing {
			f.Remedies[0].Commands = append(f.Remedies[0].Commands, []string{"aws", "iam", "attach-role-policy", "--role-name", plan.Name, "--policy-arn", arn})
		}
		c.Fail(f)
	}
}

// checkTrust asks the trust policy for the tokens of its service accounts, and for
// tokens that it should not take.
func (c *checker) checkTrust(s groundway.Subject, plan RolePlan, r Role) {
	path := pointer(partRoles, r.ARN, "trust")
	command := []string{"aws", "iam", "update-assume-role-policy", "--role-name", plan.Name, "--policy-document", plan.Trust.String()}
	bound := map[string]bool{}
	var audiences []string
	for _, b := range c.p.Bindings {
		if b.Role != plan.Name {
			continue
		}
		bound[b.subject()] = true
		audiences = append(audiences, b.audience())
		d, err := c.decide(r, b.Namespace, b.ServiceAccount, b.audience())
		switch {
		case err != nil:
			c.fail(codeRefuses, s, fault{
				path: path, got: "a policy that cannot be read", want: plan.Trust.String(), source: actionRole,
				summary: fmt.Sprintf("The trust policy of %s is none: %v.", plan.Name, err), action: "Replace the trust policy.", command: command,
			})
		case d.Verdict == iam.Undetermined:
			c.open(codeRefuses, s, path, d)
		case d.Allowed():
			c.Pass(codeRefuses, 1)
		default:
			c.fail(codeRefuses, s, fault{
				path: path, got: d.Text, want: "trust in " + b.subject(), source: actionRole,
				summary: fmt.Sprintf("The role %s refuses %s/%s (%s).", plan.Name, b.Namespace, b.ServiceAccount, d.Reason),
				action:  "Replace the trust policy.", command: command,
			})
		}
	}
	if c.p.Cluster.Mode == ModePodIdentity {
		c.Inapplicable(codeWide, "the associations of Pod Identity say who gets a role")
		return
	}
	var open *Decision
	for _, token := range c.strangers(r, bound, audiences) {
		d, err := c.decideToken(r, token)
		switch {
		case err != nil:
			c.Skip(codeWide, codeRefuses, s)
			return
		case d.Verdict == iam.Undetermined:
			open = &d
		case d.Allowed():
			c.fail(codeWide, s, fault{
				path: path, got: fmt.Sprintf("trust in %s for %s", token.Subject, token.Audiences[0]), want: "trust in its service accounts alone", source: actionRole,
				summary: fmt.Sprintf("The role %s also trusts %s, for the audience %s.", plan.Name, quote(token.Subject), quote(token.Audiences[0])),
				action:  "Pin the audience and the service account.", command: command,
			})
			return
		}
	}
	if open != nil {
		c.open(codeWide, s, path, *open)
		return
	}
	c.Pass(codeWide, 1)
}

// open records that a trust policy depends on what is not known.
func (c *checker) open(code groundway.Code, s groundway.Subject, path string, d Decision) {
	c.Unknown(groundway.Finding{
		Code: code, Subject: s, Summary: fmt.Sprintf("It is open whether %s: the trust policy asks for %s.", c.Rule(code).Clause(), quoted(d.Explanation.Missing)),
		Evidence: []groundway.Fact{{Path: path, Got: d.Text, Want: "conditions on the audience and the subject alone", Source: actionRole}},
		Remedies: []groundway.Remedy{{Action: "Look whether the condition holds for the pods."}},
	})
}

func (c *checker) decide(r Role, namespace, name, audience string) (Decision, error) {
	if c.p.Cluster.Mode == ModePodIdentity {
		return DecidePodIdentity(Association{Cluster: c.p.Cluster.ARN(), Namespace: namespace, ServiceAccount: name}, r)
	}
	return c.decideToken(r, Token{Subject: Subject(namespace, name), Audiences: []string{audience}})
}

func (c *checker) decideToken(r Role, t Token) (Decision, error) {
	t.Issuer = c.p.Cluster.Issuer
	return WebIdentity{Provider: c.p.Provider, Role: r}.trust(t)
}

// strangers returns tokens that a trust policy must not take: of subjects that it
// writes and that are not bound, with its patterns filled in; of subjects near those
// that are; and for another audience.
func (c *checker) strangers(r Role, bound map[string]bool, audiences []string) []Token {
	const other = "groundway-probe"
	subjects := map[string]bool{Subject(other, other): true}
	for _, s := range r.Trust.Statements {
		for _, condition := range s.Conditions {
			if _, claim, _ := strings.Cut(condition.Key, ":"); strings.EqualFold(claim, "sub") {
				for _, v := range condition.Values {
					subjects[strings.NewReplacer("*", other, "?", "x").Replace(v)] = true
				}
			}
		}
	}
	for _, b := range c.p.Bindings {
		if bound[b.subject()] {
			subjects[Subject(b.Namespace, other)], subjects[Subject(b.Namespace, b.ServiceAccount+"-"+other)] = true, true
			subjects[Subject(other, b.ServiceAccount)], subjects[Subject(b.Namespace+"-"+other, b.ServiceAccount)] = true, true
		}
	}
	var list []Token
	for s := range sorted(subjects) {
		if !bound[s] {
			for _, a := range audiences {
				list = append(list, Token{Subject: s, Audiences: []string{a}})
			}
		}
	}
	for s := range sorted(bound) {
		list = append(list, Token{Subject: s, Audiences: []string{other}})
	}
	slices.SortStableFunc(list, func(a, b Token) int { return cmp.Compare(a.Audiences[0], b.Audiences[0]) })
	return list
}

func checkAssociations(c *checker) {
	if c.p.Cluster.Mode != ModePodIdentity {
		c.not(codeAssociation)
		return
	}
	const part = "podIdentityAssociations"
	for _, want := range c.p.Associations {
		s := groundway.Subject{Kind: "serviceaccount", ID: want.Key()}
		a, ok := lookup(c.s.Associations, want.Key())
		switch {
		case ok && a.Role == want.Role:
			c.Pass(codeAssociation, 1)
		case !ok && !c.s.Associations.Complete():
			c.unseen(codeAssociation, s, actionAssociations, c.s.Associations.Gaps)
		default:
			f := fault{
				path: groundway.Pointer("parts", part), want: want.Role, source: actionAssociations,
				summary: fmt.Sprintf("The service account %s has no association.", want.Key()), action: "Create the association.",
				command: []string{
					"aws", "eks", "create-pod-identity-association", "--cluster-name", c.p.Cluster.Name,
					"--namespace", want.Namespace, "--service-account", want.ServiceAccount, "--role-arn", want.Role,
				},
			}
			if ok {
				f.path, f.got = pointer(part, a.Key(), "role"), a.Role
				f.summary = fmt.Sprintf("The service account %s is associated with another role, %s.", a.Key(), quote(a.Role))
				f.action, f.command = "Change the association.", nil
			}
			c.fail(codeAssociation, s, f)
		}
	}
}

func checkAnnotations(c *checker) {
	if c.p.Cluster.Mode != ModeIRSA {
		c.not(codeAnnotation)
		return
	}
	const part = "serviceAccounts"
	for _, want := range c.p.Annotations {
		key := want.Namespace + "/" + want.ServiceAccount
		s := groundway.Subject{Kind: "serviceaccount", ID: key}
		account, ok := lookup(c.s.Accounts, key)
		if !ok && !c.s.Accounts.Complete() {
			c.unseen(codeAnnotation, s, "get serviceaccounts", c.s.Accounts.Gaps)
			continue
		}
		f := fault{
			path: groundway.Pointer("parts", part), want: want.RoleARN, source: "get serviceaccounts",
			summary: fmt.Sprintf("The service account %s does not exist.", key), action: "Create the service account with its annotation.",
		}
		holds := ok
		for name, value := range sorted(want.wanted(account.Annotations)) {
			if got, has := account.Annotations[name]; ok && got != value {
				holds = false
				f.path, f.got, f.want = pointer(part, key, "annotations", name), got, value
				f.summary = fmt.Sprintf("The service account %s has no annotation %s.", key, name)
				if has {
					f.summary = fmt.Sprintf("The service account %s has %s in the annotation %s.", key, quote(got), name)
				}
				f.action = "Annotate the service account, and restart its pods."
				f.command = []string{"kubectl", "annotate", "serviceaccount", want.ServiceAccount, "--namespace", want.Namespace, "--overwrite", name + "=" + value}
				break
			}
		}
		if holds {
			c.Pass(codeAnnotation, 1)
			continue
		}
		c.fail(codeAnnotation, s, f)
	}
}

func checkNodeRole(c *checker) {
	if c.p.Cluster.Mode != ModeNodeRole {
		c.Pass(codeNodeRole, len(c.p.Bindings))
		return
	}
	var names []string
	for _, b := range c.p.Bindings {
		names = append(names, b.Namespace+"/"+b.ServiceAccount)
	}
	c.fail(codeNodeRole, groundway.Subject{Kind: "role", ID: c.p.Cluster.NodeRole}, fault{
		path: groundway.Pointer("mode"), got: ModeNodeRole.String(), want: "irsa or pod-identity", source: "caller",
		summary: fmt.Sprintf("Every pod gets the permissions of %s, by the role %s of the nodes.", strings.Join(names, ", "), c.p.Cluster.NodeRole),
		action:  "Give each service account a role: by IRSA, or on EKS by Pod Identity.",
	})
}
