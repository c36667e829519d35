package awsidentity

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/oidc"
)

// Errors of [ApplySite] and [ApplyDocuments], for errors.Is.
var (
	// ErrBlocked means that the plan cannot be carried out. Nothing was called.
	ErrBlocked = errors.New("the plan cannot be applied")
	// ErrChanged means that the account is no longer as the plan assumed. What the
	// plan changes from there on was not changed.
	ErrChanged = errors.New("the account changed since the plan")
)

// A Step is one change, which is one call.
type Step string

// The steps, in the order in which they are taken.
const (
	StepBucket       Step = "create the bucket"
	StepTags         Step = "tag the bucket"
	StepPublicAccess Step = "set its block of public access"
	StepControl      Step = "create the origin access control"
	StepDistribution Step = "create the distribution"
	StepPolicy       Step = "set its policy"
)

// A SitePlan says what it takes to serve the documents of an issuer. It is data,
// which [ApplySite] carries out. The zero value changes nothing.
type SitePlan struct {
	Before Site   `json:"before"` // what the plan assumes
	Steps  []Step `json:"steps"`
	// Kept are the statements of others in the policy of the bucket, by Sid or
	// number, which stay.
	Kept    []string `json:"kept,omitempty"`
	Blocked string   `json:"blocked,omitempty"` // why nothing can be done
}

// private blocks every way to make a bucket public, and open leaves the policy.
var (
	private = PublicAccess{true, true, true, true}
	open    = PublicAccess{BlockACLs: true, IgnoreACLs: true}
)

// sid names our statement in the policy of the bucket.
const sid = "GroundwayIssuer"

// PlanSite decides what it takes to serve documents from the site's bucket. The
// bucket, and a distribution that has it for an origin, are changed only if they
// carry the owner tag with the site's owner; what does not, and what could not be
// seen, blocks the plan. A distribution is never changed: one that is disabled, or
// that does not sign its requests, blocks the plan too. A second plan after an
// apply is empty.
func PlanSite(s Site) (SitePlan, error) {
	if err := s.check(); err != nil {
		return SitePlan{}, fmt.Errorf("plan site %q: %w", s.Bucket, err)
	}
	p := SitePlan{Before: s}
	if gap := s.gap(); gap != "" {
		p.Blocked = gap
		return p, nil
	}
	p.bucket()
	if !s.Public && p.Blocked == "" {
		p.cloudFront()
	}
	if p.Blocked == "" {
		p.policy()
	}
	if p.Blocked != "" {
		p.Steps = nil
	}
	slices.SortFunc(p.Steps, func(a, b Step) int { return slices.Index(steps, a) - slices.Index(steps, b) })
	return p, nil
}

var steps = []Step{StepBucket, StepTags, StepPublicAccess, StepControl, StepDistribution, StepPolicy}

// gap says what of the site could not be seen, but for its documents.
func (s Site) gap() string {
	gaps := slices.Concat(s.Buckets.Gaps, s.PublicAccess.Gaps, s.Policies.Gaps, s.Controls.Gaps, s.Distributions.Gaps)
	seen := s.Buckets.Complete() && s.PublicAccess.Complete() && s.Policies.Complete() && (s.Public || s.Controls.Complete() && s.Distributions.Complete())
	switch {
	case len(gaps) > 0:
		return fmt.Sprintf("it could not be seen what is there: %s: %s", gaps[0].Action, gaps[0].Message)
	case !seen:
		return "it was not seen what is there"
	}
	return ""
}

func (p *SitePlan) bucket() {
	s, want := p.Before, private
	if s.Public {
		want = open
	}
	if len(s.Buckets.Items) == 0 {
		p.Steps = append(p.Steps, StepBucket, StepTags, StepPublicAccess)
		return
	}
	if got := s.Buckets.Items[0].Tags[groundway.OwnerTag]; got != s.owner() {
		p.Blocked = fmt.Sprintf("the bucket is there, and its tag %s is %q, want %q", groundway.OwnerTag, got, s.owner())
		return
	}
	if len(s.PublicAccess.Items) == 0 || s.PublicAccess.Items[0] != want {
		p.Steps = append(p.Steps, StepPublicAccess)
	}
}

const signs = "always sigv4 s3"

func (p *SitePlan) cloudFront() {
	s := p.Before
	var control Control
	switch list := s.Controls.Items; {
	case len(list) == 0:
		p.Steps = append(p.Steps, StepControl)
	case list[0].Signing != signs:
		p.Blocked = fmt.Sprintf("the origin access control %s signs %q, want %q", list[0].ID, list[0].Signing, signs)
		return
	default:
		control = list[0]
	}
	if len(s.Distributions.Items) == 0 {
		p.Steps = append(p.Steps, StepDistribution)
		return
	}
	d := s.Distributions.Items[0]
	switch got := d.Tags[groundway.OwnerTag]; {
	case len(s.Distributions.Items) > 1:
		p.Blocked = fmt.Sprintf("%d distributions have the bucket for an origin, and one is the issuer", len(s.Distributions.Items))
	case got != s.owner():
		p.Blocked = fmt.Sprintf("the distribution %s has the bucket for an origin, and its tag %s is %q, want %q", d.ID, groundway.OwnerTag, got, s.owner())
	case !d.Enabled:
		p.Blocked = fmt.Sprintf("the distribution %s is disabled", d.ID)
	case d.Path != "":
		p.Blocked = fmt.Sprintf("the distribution %s serves the path %q of the bucket, want all of it", d.ID, d.Path)
	case d.ControlID == "" || d.ControlID != control.ID:
		p.Blocked = fmt.Sprintf("the distribution %s does not sign its requests by %s", d.ID, s.control())
	}
}

func (p *SitePlan) policy() {
	s := p.Before
	var current iam.Document
	if len(s.Policies.Items) > 0 {
		current = s.Policies.Items[0].Document
	}
	for i, st := range current.Statements {
		switch {
		case st.ID == sid:
		case st.ID != "":
			p.Kept = append(p.Kept, st.ID)
		default:
			p.Kept = append(p.Kept, fmt.Sprintf("statement %d", i+1))
		}
	}
	if !s.Public && len(s.Distributions.Items) == 0 {
		p.Steps = append(p.Steps, StepPolicy)
		return
	}
	want, err := s.wanted()
	switch {
	case err != nil:
		p.Blocked = err.Error()
	case !iam.Equal(current, want):
		p.Steps = append(p.Steps, StepPolicy)
	}
}

// wanted returns the policy that the bucket is to have: what others wrote, and our
// statement.
//
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
func (s Site) wanted() (iam.Document, error) {
	arn := func(name string) string {
		return fmt.Sprintf("arn:%s:s3:::%s/%s", s.Region.Partition(), s.Bucket, name)
	}
	statement := iam.Allow(iam.Action(getObject)).Sid(sid)
	if s.Public {
		statement = statement.For(iam.Everyone()).On(arn(strings.TrimPrefix(oidc.DiscoveryPath, "/")), arn(strings.TrimPrefix(oidc.KeySetPath, "/")))
	} else {
		statement = statement.For(iam.ServicePrincipal("cloudfront.amazonaws.com")).On(arn("*")).
			When(iam.StringEquals("aws:SourceArn", s.Distributions.Items[0].ARN))
	}
	ours, err := iam.NewDocument(statement)
	if err != nil {
		return iam.Document{}, err
	}
	if len(s.Policies.Items) == 0 {
		return ours, nil
	}
	doc := s.Policies.Items[0].Document
	doc.Statements = slices.DeleteFunc(slices.Clone(doc.Statements), func(st iam.Statement) bool { return st.ID == sid })
	doc.Statements = append(doc.Statements, ours.Statements...)
	// By way of its text, so that places within a text that was read are gone.
	return iam.Parse(doc.String(), iam.ParseOptions{})
}

// Empty reports whether there is nothing to change. A plan that is blocked is not
// empty.
func (p SitePlan) Empty() bool { return len(p.Steps) == 0 && p.Blocked == "" }

// String prints the plan like a diff, a line for each thing: + is made or changed,
// = stays, ! stands in the way.
func (p SitePlan) String() string {
	var b strings.Builder
	s := p.Before
	if p.Blocked != "" {
		fmt.Fprintf(&b, "! %s: %s\n", s.Bucket, groundway.Visible(p.Blocked))
		return b.String()
	}
	for _, step := range p.Steps {
		switch step {
		case StepBucket:
			fmt.Fprintf(&b, "+ bucket %s in %s\n", s.Bucket, s.Region)
		case StepTags:
			fmt.Fprintf(&b, "+   tag %q = %q\n", groundway.OwnerTag, s.owner())
		case StepPublicAccess:
			if s.Public {
				b.WriteString("+   public access by its policy\n")
			} else {
				b.WriteString("+   no public access\n")
			}
		case StepControl:
			fmt.Fprintf(&b, "+ origin access control %s\n", s.control())
		case StepDistribution:
			fmt.Fprintf(&b, "+ distribution of %s\n", s.host())
		case StepPolicy:
			who := "the distribution"
			if s.Public {
				who = "everybody, the two documents"
			}
			fmt.Fprintf(&b, "+ policy of %s: read by %s\n", s.Bucket, who)
		}
	}
	for _, kept := range p.Kept {
		fmt.Fprintf(&b, "= policy of %s: %q\n", s.Bucket, kept)
	}
	if issuer := s.Issuer(); issuer != "" {
		fmt.Fprintf(&b, "= issuer %s\n", issuer)
	}
	return b.String()
}

// A Put is one document to be written.
type Put struct {
	oidc.Document
	ETag string // of the one that is replaced; empty: there is none
}

// A DocumentPlan says which documents to write. It is data, which [ApplyDocuments]
// carries out.
type DocumentPlan struct {
	Site    SiteOptions
	Puts    []Put // the keys first
	Blocked string
}

// PlanDocuments decides which documents are to be written, those that differ. signs
// is the identifier of the key by which the API server signs now: a key set without
// it is not written, because every pod would be refused. During a rotation publish
// what the steps of oidc.PlanRotation have. Documents of another issuer than the
// site's block the plan, as do documents that could not be seen.
func PlanDocuments(s Site, d oidc.Documents, signs string) DocumentPlan {
	p := DocumentPlan{Site: s.SiteOptions}
	_, published := d.Keys.Key(signs)
	switch issuer, gap := s.Issuer(), s.gap(); {
	case gap != "":
		p.Blocked = gap
	case len(s.Buckets.Items) == 0:
		p.Blocked = "there is no bucket"
	case s.Buckets.Items[0].Tags[groundway.OwnerTag] != s.owner():
		p.Blocked = fmt.Sprintf("the tag %s of the bucket is not %q", groundway.OwnerTag, s.owner())
	case !s.Objects.Complete():
		p.Blocked = "it could not be seen which documents are there"
		for _, gap := range s.Objects.Gaps {
			p.Blocked += fmt.Sprintf(": %s: %s", gap.Action, gap.Message)
		}
	case issuer == "":
		p.Blocked = "the site has no issuer"
	case d.Discovery.Issuer != issuer:
		p.Blocked = fmt.Sprintf("the documents are of the issuer %q, and the site is %q", d.Discovery.Issuer, issuer)
	case !published:
		p.Blocked = fmt.Sprintf("the key set does not have %q, by which tokens are signed", signs)
	default:
		for _, f := range d.Files() {
			put := Put{Document: f}
			same := false
			for _, o := range s.Objects.Items {
				if "/"+o.Name == f.Path {
					put.ETag = o.ETag
					same = o.Data == string(f.Data) && o.ContentType == f.ContentType && o.CacheControl == f.CacheControl
				}
			}
			if !same {
				p.Puts = append(p.Puts, put)
			}
		}
	}
	return p
}

// Empty reports whether there is nothing to write. A plan that is blocked is not
// empty.
func (p DocumentPlan) Empty() bool { return len(p.Puts) == 0 && p.Blocked == "" }

// String prints the plan like a diff: + is new, ~ replaces another, ! stands in the
// way.
func (p DocumentPlan) String() string {
	if p.Blocked != "" {
		return fmt.Sprintf("! %s: %s\n", p.Site.Bucket, groundway.Visible(p.Blocked))
	}
	var b strings.Builder
	for _, put := range p.Puts {
		mark := "+"
		if put.ETag != "" {
			mark = "~"
		}
		fmt.Fprintf(&b, "%s s3://%s%s (%d bytes)\n", mark, p.Site.Bucket, put.Path, len(put.Data))
	}
	return b.String()
}
