package iamfake

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// tags reads Tags.member.1.Key and so on.
func tags(r awsfake.Request) map[string]string {
	tags := map[string]string{}
	for i := 1; ; i++ {
		prefix := "Tags.member." + strconv.Itoa(i)
		if !r.Params.Has(prefix + ".Key") {
			return tags
		}
		tags[r.Params.Get(prefix+".Key")] = r.Params.Get(prefix + ".Value")
	}
}

func merge(to map[string]string, more map[string]string) map[string]string {
	all := map[string]string{}
	for _, tags := range []map[string]string{to, more} {
		for k, v := range tags {
			all[k] = v
		}
	}
	return all
}

// document refuses what IAM would refuse to store.
func document(text string, kind iam.Kind) error {
	d, err := iam.Parse(text, iam.ParseOptions{})
	if err != nil {
		return awsfake.Errorf("MalformedPolicyDocument", "Syntax errors in policy.")
	}
	for _, f := range iam.Validate(d, kind, iam.ValidateOptions{MaxSize: 10240}) {
		if f.Outcome == groundway.Failed && f.Severity == groundway.Error {
			if f.Code == "iam/size-exceeded" {
				return errorf(http.StatusConflict, "LimitExceeded", "Maximum policy size exceeded")
			}
			return awsfake.Errorf("MalformedPolicyDocument", "%s", f.Summary)
		}
	}
	return nil
}

// trust refuses a trust policy that names a user, role or provider of the account
// which is not seen.
func (w world) trust(text string) error {
	if err := document(text, iam.TrustPolicy); err != nil {
		return err
	}
	d, _ := iam.Parse(text, iam.ParseOptions{})
	for _, s := range d.Statements {
		for _, p := range s.Principals {
			a, err := iam.ParseARN(p.Value)
			if err != nil || a.Account != Account || a.Resource == "root" {
				continue
			}
			found := false
			for _, r := range w.roles {
				found = found || r.arn() == p.Value
			}
			for _, u := range w.users {
				found = found || u.arn() == p.Value
			}
			_, provider := w.providers[p.Value]
			if !found && !provider {
				return awsfake.Errorf("MalformedPolicyDocument", `Invalid principal in policy: "%s":"%s"`, p.Kind, p.Value)
			}
		}
	}
	return nil
}

// writes are the calls that change something. They see what the world shows them,
// and meet a name that is taken already even where it is not shown yet.
var writes = map[string]func(*IAM, world, awsfake.Request) (any, error){
	"CreateRole": func(f *IAM, w world, r awsfake.Request) (any, error) {
		made := role{
			name: r.Params.Get("RoleName"), path: orSlash(r.Params.Get("Path")), trust: r.Params.Get("AssumeRolePolicyDocument"),
			description: r.Params.Get("Description"), boundary: r.Params.Get("PermissionsBoundary"), maxSession: 3600, tags: tags(r),
		}
		if _, ok := f.now().roles[lower(made.name)]; ok {
			return nil, exists("Role", made.name)
		}
		if err := w.trust(made.trust); err != nil {
			return nil, err
		}
		if _, ok := w.policies[made.boundary]; made.boundary != "" && !ok {
			return nil, noSuch("policy", made.boundary)
		}
		if n, err := strconv.Atoi(r.Params.Get("MaxSessionDuration")); err == nil {
			made.maxSession = n
		}
		made.id = f.id("AROA")
		f.change(func(w *world) { w.roles[lower(made.name)] = made })
		return struct{ Role roleXML }{roleOf(made)}, nil
	},
	"UpdateAssumeRolePolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		text := r.Params.Get("PolicyDocument")
		if _, ok := w.roles[lower(r.Params.Get("RoleName"))]; !ok {
			return nil, noSuch("role", r.Params.Get("RoleName"))
		}
		if err := w.trust(text); err != nil {
			return nil, err
		}
		return nil, f.editRole(w, r, func(found *role) error { found.trust = text; return nil })
	},
	"UpdateRole": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editRole(w, r, func(found *role) error {
			if r.Params.Has("Description") {
				found.description = r.Params.Get("Description")
			}
			if n, err := strconv.Atoi(r.Params.Get("MaxSessionDuration")); err == nil {
				found.maxSession = n
			}
			return nil
		})
	},
	"PutRolePermissionsBoundary": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editRole(w, r, func(found *role) error {
			if _, ok := w.policies[r.Params.Get("PermissionsBoundary")]; !ok {
				return noSuch("policy", r.Params.Get("PermissionsBoundary"))
			}
			found.boundary = r.Params.Get("PermissionsBoundary")
			return nil
		})
	},
	"DeleteRolePermissionsBoundary": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editRole(w, r, func(found *role) error { found.boundary = ""; return nil })
	},
	"TagRole": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editRole(w, r, func(found *role) error { found.tags = merge(found.tags, tags(r)); return nil })
	},
	"PutRolePolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		text := r.Params.Get("PolicyDocument")
		if err := document(text, iam.IdentityPolicy); err != nil {
			return nil, err
		}
		return nil, f.editRole(w, r, func(found *role) error {
			found.inline = merge(found.inline, map[string]string{r.Params.Get("PolicyName"): text})
			total := 0
			for _, text := range found.inline {
				total += iam.MeasureText(text).Significant
			}
			if total > 10240 {
				return errorf(http.StatusConflict, "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role %s", found.name)
			}
			return nil
		})
	},
	"DeleteRolePolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editRole(w, r, func(found *role) error {
			name := r.Params.Get("PolicyName")
			if _, ok := found.inline[name]; !ok {
				return noSuch("role policy", name)
			}
			found.inline = merge(found.inline, nil)
			delete(found.inline, name)
			return nil
		})
	},
	"AttachRolePolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		arn := r.Params.Get("PolicyArn")
		if _, ok := w.policies[arn]; !ok && strings.HasPrefix(arn, "arn:aws:iam::aws:policy/") {
			f.change(func(w *world) { w.policies[arn] = standIn(arn) })
			w = f.now() // AWS's own are always there
		}
		return nil, f.editRole(w, r, func(found *role) error {
			switch _, ok := w.policies[arn]; {
			case !ok:
				return noSuch("policy", arn)
			case slices.Contains(found.attached, arn):
				return nil
			case len(found.attached) >= 10:
				return errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")
			}
			found.attached = append(found.attached, arn)
			return nil
		})
	},
	"DetachRolePolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editRole(w, r, func(found *role) error {
			i := slices.Index(found.attached, r.Params.Get("PolicyArn"))
			if i < 0 {
				return noSuch("policy", r.Params.Get("PolicyArn"))
			}
			found.attached = slices.Delete(found.attached, i, i+1)
			return nil
		})
	},
	"AttachUserPolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		arn := r.Params.Get("PolicyArn")
		if _, ok := w.policies[arn]; !ok {
			return nil, noSuch("policy", arn)
		}
		return nil, f.editUser(w, r, func(u *user) error {
			if !slices.Contains(u.attached, arn) {
				u.attached = append(u.attached, arn)
			}
			return nil
		})
	},
	"DetachUserPolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editUser(w, r, func(u *user) error {
			i := slices.Index(u.attached, r.Params.Get("PolicyArn"))
			if i < 0 {
				return noSuch("policy", r.Params.Get("PolicyArn"))
			}
			u.attached = slices.Delete(u.attached, i, i+1)
			return nil
		})
	},
	"DeleteRole": func(f *IAM, w world, r awsfake.Request) (any, error) {
		name := r.Params.Get("RoleName")
		now := f.now()
		found, ok := now.roles[lower(name)]
		if !ok {
			return nil, noSuch("role", name)
		}
		if len(found.inline)+len(found.attached) > 0 {
			return nil, errorf(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must delete policies first.")
		}
		for _, p := range now.profiles {
			if slices.Contains(p.roles, found.name) {
				return nil, errorf(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
			}
		}
		f.change(func(w *world) { delete(w.roles, lower(name)) })
		return nil, nil
	},
	"CreatePolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		made := policy{
			name: r.Params.Get("PolicyName"), path: orSlash(r.Params.Get("Path")), description: r.Params.Get("Description"), standard: "v1",
			versions: map[string]string{"v1": r.Params.Get("PolicyDocument")}, order: []string{"v1"}, next: 2, tags: tags(r),
		}
		made.arn = arn("policy" + made.path + made.name)
		for _, p := range f.now().policies {
			if strings.EqualFold(p.name, made.name) && strings.HasPrefix(p.arn, arn("")) {
				return nil, exists("A policy", made.name)
			}
		}
		if err := document(made.versions["v1"], iam.IdentityPolicy); err != nil {
			return nil, err
		}
		f.change(func(w *world) { w.policies[made.arn] = made })
		return struct{ Policy policyElement }{policyOf(w, made)}, nil
	},
	"CreatePolicyVersion": func(f *IAM, w world, r awsfake.Request) (any, error) {
		text, id := r.Params.Get("PolicyDocument"), ""
		if err := document(text, iam.IdentityPolicy); err != nil {
			return nil, err
		}
		err := f.editPolicy(w, r, func(p *policy) error {
			if len(p.order) >= 5 {
				return errorf(http.StatusConflict, "LimitExceeded", "A managed policy can have up to 5 versions.")
			}
			id = "v" + strconv.Itoa(p.next)
			p.next++
			p.versions = merge(p.versions, map[string]string{id: text})
			p.order = append(p.order, id)
			if r.Params.Get("SetAsDefault") == "true" {
				p.standard = id
			}
			return nil
		})
		return struct{ PolicyVersion versionXML }{versionXML{VersionID: id, IsDefaultVersion: true}}, err
	},
	"DeletePolicyVersion": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editPolicy(w, r, func(p *policy) error {
			id := r.Params.Get("VersionId")
			i := slices.Index(p.order, id)
			switch {
			case i < 0:
				return noSuch("policy version", id)
			case id == p.standard:
				return errorf(http.StatusConflict, "DeleteConflict", "Cannot delete the default version of a policy.")
			}
			p.order = slices.Delete(p.order, i, i+1)
			p.versions = merge(p.versions, nil)
			delete(p.versions, id)
			return nil
		})
	},
	"TagPolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editPolicy(w, r, func(p *policy) error { p.tags = merge(p.tags, tags(r)); return nil })
	},
	"DeletePolicy": func(f *IAM, w world, r awsfake.Request) (any, error) {
		arn, now := r.Params.Get("PolicyArn"), f.now()
		p, ok := now.policies[arn]
		if !ok {
			return nil, noSuch("policy", arn)
		}
		if attached, bounds := now.attachments(arn); attached+bounds > 0 || len(p.order) > 1 {
			return nil, errorf(http.StatusConflict, "DeleteConflict", "Cannot delete a policy attached to entities, or with more than its default version.")
		}
		f.change(func(w *world) { delete(w.policies, arn) })
		return nil, nil
	},
	"CreateInstanceProfile": func(f *IAM, w world, r awsfake.Request) (any, error) {
		made := profile{name: r.Params.Get("InstanceProfileName"), path: orSlash(r.Params.Get("Path")), id: f.id("AIPA"), tags: tags(r)}
		if _, ok := f.now().profiles[lower(made.name)]; ok {
			return nil, exists("Instance Profile", made.name)
		}
		f.change(func(w *world) { w.profiles[lower(made.name)] = made })
		return struct{ InstanceProfile profileXML }{profileOf(w, made)}, nil
	},
	"TagInstanceProfile": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editProfile(w, r, func(p *profile) error { p.tags = merge(p.tags, tags(r)); return nil })
	},
	"AddRoleToInstanceProfile": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editProfile(w, r, func(p *profile) error {
			found, ok := w.roles[lower(r.Params.Get("RoleName"))]
			switch {
			case !ok:
				return noSuch("role", r.Params.Get("RoleName"))
			case len(p.roles) > 0:
				return errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
			}
			p.roles = []string{found.name}
			return nil
		})
	},
	"RemoveRoleFromInstanceProfile": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editProfile(w, r, func(p *profile) error {
			i := slices.Index(p.roles, r.Params.Get("RoleName"))
			if i < 0 {
				return noSuch("role", r.Params.Get("RoleName"))
			}
			p.roles = nil
			return nil
		})
	},
	"DeleteInstanceProfile": func(f *IAM, w world, r awsfake.Request) (any, error) {
		name := r.Params.Get("InstanceProfileName")
		p, ok := f.now().profiles[lower(name)]
		switch {
		case !ok:
			return nil, noSuch("instance profile", name)
		case len(p.roles) > 0:
			return nil, errorf(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
		}
		f.change(func(w *world) { delete(w.profiles, lower(name)) })
		return nil, nil
	},
	"CreateOpenIDConnectProvider": func(f *IAM, w world, r awsfake.Request) (any, error) {
		url := strings.TrimPrefix(r.Params.Get("Url"), "https://")
		made := provider{
			arn: arn("oidc-provider/" + strings.TrimSuffix(url, "/")), url: url, tags: tags(r),
			clientIDs: r.List("ClientIDList.member"), thumbprints: r.List("ThumbprintList.member"),
		}
		if _, ok := f.now().providers[made.arn]; ok {
			return nil, exists("Provider", made.url)
		}
		if len(made.thumbprints) == 0 {
			made.thumbprints = []string{strings.Repeat("0a", 20)} // AWS obtains one
		}
		f.change(func(w *world) { w.providers[made.arn] = made })
		return struct{ OpenIDConnectProviderArn string }{made.arn}, nil
	},
	"AddClientIDToOpenIDConnectProvider": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editProvider(w, r, func(p *provider) {
			if id := r.Params.Get("ClientID"); !slices.Contains(p.clientIDs, id) {
				p.clientIDs = append(p.clientIDs, id)
			}
		})
	},
	"RemoveClientIDFromOpenIDConnectProvider": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editProvider(w, r, func(p *provider) {
			p.clientIDs = slices.DeleteFunc(p.clientIDs, func(id string) bool { return id == r.Params.Get("ClientID") })
		})
	},
	"UpdateOpenIDConnectProviderThumbprint": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editProvider(w, r, func(p *provider) { p.thumbprints = r.List("ThumbprintList.member") })
	},
	"TagOpenIDConnectProvider": func(f *IAM, w world, r awsfake.Request) (any, error) {
		return nil, f.editProvider(w, r, func(p *provider) { p.tags = merge(p.tags, tags(r)) })
	},
	"DeleteOpenIDConnectProvider": func(f *IAM, w world, r awsfake.Request) (any, error) {
		arn := r.Params.Get("OpenIDConnectProviderArn")
		if _, ok := f.now().providers[arn]; !ok {
			return nil, noSuch("provider", arn)
		}
		f.change(func(w *world) { delete(w.providers, arn) })
		return nil, nil
	},
}

// edit changes an item of a world, if the call sees it: what is shown decides
// whether it is found, and what is there is what changes.
func edit[T any](f *IAM, shown map[string]T, of func(*world) map[string]T, key, what, name string, write func(*T) error) error {
	if _, ok := shown[key]; !ok {
		return noSuch(what, name)
	}
	now := f.now().clone()
	item, ok := of(&now)[key]
	if !ok {
		return noSuch(what, name)
	}
	if err := write(&item); err != nil {
		return err
	}
	f.change(func(w *world) { of(w)[key] = item })
	return nil
}

func (f *IAM) editRole(w world, r awsfake.Request, write func(*role) error) error {
	name := r.Params.Get("RoleName")
	return edit(f, w.roles, func(w *world) map[string]role { return w.roles }, lower(name), "role", name, write)
}

func (f *IAM) editUser(w world, r awsfake.Request, write func(*user) error) error {
	name := r.Params.Get("UserName")
	return edit(f, w.users, func(w *world) map[string]user { return w.users }, lower(name), "user", name, write)
}

func (f *IAM) editPolicy(w world, r awsfake.Request, write func(*policy) error) error {
	arn := r.Params.Get("PolicyArn")
	return edit(f, w.policies, func(w *world) map[string]policy { return w.policies }, arn, "policy", arn, write)
}

func (f *IAM) editProfile(w world, r awsfake.Request, write func(*profile) error) error {
	name := r.Params.Get("InstanceProfileName")
	return edit(f, w.profiles, func(w *world) map[string]profile { return w.profiles }, lower(name), "instance profile", name, write)
}

func (f *IAM) editProvider(w world, r awsfake.Request, write func(*provider)) error {
	arn := r.Params.Get("OpenIDConnectProviderArn")
	return edit(f, w.providers, func(w *world) map[string]provider { return w.providers }, arn, "provider", arn, func(p *provider) error { write(p); return nil })
}
