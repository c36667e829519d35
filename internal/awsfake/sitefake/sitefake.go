// Package sitefake answers for S3 and CloudFront as far as a website of a few
// objects needs them: a bucket with tags, a block of public access and a policy,
// conditional writes, origin access controls and distributions.
//
// It holds to what the API references say of names, owners and conditions, which
// emulators let pass: https://docs.aws.amazon.com/AmazonS3/latest/API/.
package sitefake

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// Account owns everything that is made.
const Account = "111122223333"

// A World is the buckets and distributions of an account. Its zero value has none.
// It is safe for use by several goroutines.
type World struct {
	// Open has new buckets not block public access, as before April of 2023.
	Open bool

	mu            sync.Mutex
	buckets       map[string]*bucket
	controls      []control
	distributions []distribution
}

type bucket struct {
	owner   string
	region  string
	tags    []tag // nil: none
	block   *block
	policy  string
	objects map[string]object
}

type object struct {
	data                []byte
	etag, kind, control string
}

type tag struct {
	Key   string
	Value string
}

type block struct {
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// AddBucket puts a bucket of an account there, with tags as pairs of key and value.
func (w *World) AddBucket(name, owner string, tags ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.add(name, owner, awsfake.Region)
	for i := 0; i+1 < len(tags); i += 2 {
		b.tags = append(b.tags, tag{tags[i], tags[i+1]})
	}
}

// SetPolicy gives a bucket a policy.
func (w *World) SetPolicy(name, policy string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buckets[name].policy = policy
}

// SetObject writes an object, as somebody else does.
func (w *World) SetObject(name, key, data string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buckets[name].objects[key] = objectOf([]byte(data), "", "")
}

// Object returns an object and its headers.
func (w *World) Object(name, key string) (data, contentType, cacheControl string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.buckets[name]
	if b == nil {
		return "", "", "", false
	}
	o, ok := b.objects[key]
	return string(o.data), o.kind, o.control, ok
}

// Policy returns the policy of a bucket.
func (w *World) Policy(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buckets[name].policy
}

// SetEnabled switches the distributions on or off.
func (w *World) SetEnabled(enabled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.distributions {
		w.distributions[i].enabled = enabled
	}
}

func (w *World) add(name, owner, region string) *bucket {
	if w.buckets == nil {
		w.buckets = map[string]*bucket{}
	}
	b := &bucket{owner: owner, region: region, objects: map[string]object{}}
	if !w.Open {
		b.block = &block{true, true, true, true}
	}
	w.buckets[name] = b
	return b
}

func objectOf(data []byte, kind, control string) object {
	sum := md5.Sum(data)
	return object{data, `"` + hex.EncodeToString(sum[:]) + `"`, kind, control}
}

// Services returns the services that answer from the world.
func (w *World) Services() []awsfake.Service {
	s3 := awsfake.Service{
		Name: "s3", Protocol: awsfake.RESTXML, Bare: true, Namespace: "http://s3.amazonaws.com/doc/2006-03-01/", Route: routeS3,
		Operations: map[string]awsfake.Operation{},
	}
	for name, op := range map[string]func(*bucket, awsfake.Request) (any, error){
		"GetBucketTagging": getTagging, "PutBucketTagging": putTagging, "GetBucketPublicAccessBlock": getBlock, "PutBucketPublicAccessBlock": putBlock,
		"GetBucketPolicy": getPolicy, "PutBucketPolicy": putPolicy, "GetObject": getObject, "PutObject": putObject,
	} {
		s3.Operations[name] = func(r awsfake.Request) (any, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			name, _ := pathOf(r.HTTP)
			b := w.buckets[name]
			switch want := r.HTTP.Header.Get("X-Amz-Expected-Bucket-Owner"); {
			case b == nil:
				return nil, &awsfake.Error{Status: http.StatusNotFound, Code: "NoSuchBucket", Message: "the bucket does not exist"}
			case b.owner != Account, want != "" && want != b.owner:
				return nil, &awsfake.Error{Status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"}
			}
			return op(b, r)
		}
	}
	s3.Operations["CreateBucket"] = w.createBucket
	return []awsfake.Service{s3, w.cloudFront()}
}

// pathOf returns the bucket and the key of a request in the path style.
func pathOf(r *http.Request) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return bucket, key
}

// routeS3 names operations as IAM does.
func routeS3(r *http.Request) string {
	_, key := pathOf(r)
	q := r.URL.Query()
	verb := map[string]string{http.MethodGet: "Get", http.MethodPut: "Put"}[r.Method]
	switch {
	case verb == "":
		return ""
	case key != "":
		return verb + "Object"
	case q.Has("tagging"):
		return verb + "BucketTagging"
	case q.Has("publicAccessBlock"):
		return verb + "BucketPublicAccessBlock"
	case q.Has("policy"):
		return verb + "BucketPolicy"
	case verb == "Put":
		return "CreateBucket"
	}
	return ""
}

func notFound(code string) error {
	return &awsfake.Error{Status: http.StatusNotFound, Code: code, Message: "it does not exist"}
}

func malformed(err error) error { return awsfake.Errorf("MalformedXML", "%v", err) }

func (w *World) createBucket(r awsfake.Request) (any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name, _ := pathOf(r.HTTP)
	var in struct{ LocationConstraint string }
	if len(r.Body) > 0 {
		if err := xml.Unmarshal(r.Body, &in); err != nil {
			return nil, malformed(err)
		}
	}
	switch b := w.buckets[name]; {
	case in.LocationConstraint == "us-east-1":
		return nil, awsfake.Errorf("InvalidLocationConstraint", "the specified location-constraint is not valid")
	case b != nil && b.owner != Account:
		return nil, &awsfake.Error{Status: http.StatusConflict, Code: "BucketAlreadyExists", Message: "the name is taken"}
	case b != nil && in.LocationConstraint != "":
		return nil, &awsfake.Error{Status: http.StatusConflict, Code: "BucketAlreadyOwnedByYou", Message: "you have it"}
	case b == nil:
		w.add(name, Account, in.LocationConstraint)
	}
	return awsfake.Response{Header: http.Header{"Location": {"/" + name}}}, nil
}

func getTagging(b *bucket, _ awsfake.Request) (any, error) {
	if b.tags == nil {
		return nil, notFound("NoSuchTagSet")
	}
	return struct {
		TagSet struct{ Tag []tag }
	}{struct{ Tag []tag }{b.tags}}, nil
}

func putTagging(b *bucket, r awsfake.Request) (any, error) {
	var in struct {
		Tags []tag `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal(r.Body, &in); err != nil {
		return nil, malformed(err)
	}
	b.tags = in.Tags
	return awsfake.Response{Status: http.StatusNoContent}, nil
}

func getBlock(b *bucket, _ awsfake.Request) (any, error) {
	if b.block == nil {
		return nil, notFound("NoSuchPublicAccessBlockConfiguration")
	}
	return *b.block, nil
}

func putBlock(b *bucket, r awsfake.Request) (any, error) {
	var in block
	if err := xml.Unmarshal(r.Body, &in); err != nil {
		return nil, malformed(err)
	}
	b.block = &in
	return awsfake.Response{}, nil
}

func getPolicy(b *bucket, _ awsfake.Request) (any, error) {
	if b.policy == "" {
		return nil, notFound("NoSuchBucketPolicy")
	}
	return awsfake.Response{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(b.policy)}, nil
}

func putPolicy(b *bucket, r awsfake.Request) (any, error) {
	doc, err := iam.Parse(string(r.Body), iam.ParseOptions{})
	if err != nil {
		return nil, awsfake.Errorf("MalformedPolicy", "%v", err)
	}
	for _, s := range doc.Statements {
		public := s.Effect == iam.EffectAllow && len(s.Conditions) == 0 && slices.Contains(s.Principals, iam.Everyone())
		if public && b.block != nil && b.block.BlockPublicPolicy {
			return nil, &awsfake.Error{Status: http.StatusForbidden, Code: "AccessDenied", Message: "public policies are blocked"}
		}
	}
	b.policy = string(r.Body)
	return awsfake.Response{Status: http.StatusNoContent}, nil
}

func getObject(b *bucket, r awsfake.Request) (any, error) {
	_, key := pathOf(r.HTTP)
	o, ok := b.objects[key]
	if !ok {
		return nil, notFound("NoSuchKey")
	}
	return awsfake.Response{Header: http.Header{"Etag": {o.etag}, "Content-Type": {o.kind}, "Cache-Control": {o.control}}, Body: o.data}, nil
}

func putObject(b *bucket, r awsfake.Request) (any, error) {
	_, key := pathOf(r.HTTP)
	h := r.HTTP.Header
	there, ok := b.objects[key]
	if h.Get("If-None-Match") == "*" && ok || h.Get("If-Match") != "" && there.etag != h.Get("If-Match") {
		return nil, &awsfake.Error{Status: http.StatusPreconditionFailed, Code: "PreconditionFailed", Message: "at least one of the pre-conditions did not hold"}
	}
	o := objectOf(payload(r), h.Get("Content-Type"), h.Get("Cache-Control"))
	b.objects[key] = o
	return awsfake.Response{Header: http.Header{"Etag": {o.etag}}}, nil
}

// payload returns what was written: a client that adds a checksum behind the body
// sends it in chunks, "SIZE;chunk-signature=…\r\nDATA\r\n0\r\ntrailers".
func payload(r awsfake.Request) []byte {
	if !strings.Contains(r.HTTP.Header.Get("Content-Encoding"), "aws-chunked") {
		return r.Body
	}
	var data []byte
	for rest := r.Body; ; {
		line, after, ok := bytes.Cut(rest, []byte("\r\n"))
		size := 0
		if _, err := fmt.Sscanf(string(line), "%x", &size); !ok || err != nil || size == 0 || size+2 > len(after) {
			return data
		}
		data, rest = append(data, after[:size]...), after[size+2:]
	}
}

type control struct {
	id                                         string
	name, originType, behavior, protocol, text string
}

type distribution struct {
	id, reference, domain, origin, control string
	enabled                                bool
	tags                                   []tag
}

func (d distribution) arn() string {
	return fmt.Sprintf("arn:aws:cloudfront::%s:distribution/%s", Account, d.id)
}

func (w *World) cloudFront() awsfake.Service {
	const version = "/2020-05-31/"
	s := awsfake.Service{
		Name: "cloudfront", Protocol: awsfake.RESTXML, Namespace: "http://cloudfront.amazonaws.com/doc/2020-05-31/",
		Routes: map[string]string{
			"GET " + version + "distribution":           "ListDistributions",
			"POST " + version + "distribution":          "CreateDistribution",
			"GET " + version + "origin-access-control":  "ListOriginAccessControls",
			"POST " + version + "origin-access-control": "CreateOriginAccessControl",
			"GET " + version + "tagging":                "ListTagsForResource",
		},
		Operations: map[string]awsfake.Operation{},
	}
	for name, op := range map[string]awsfake.Operation{
		"ListDistributions": w.listDistributions, "CreateDistribution": w.createDistribution, "ListTagsForResource": w.listTags,
		"ListOriginAccessControls": w.listControls, "CreateOriginAccessControl": w.createControl,
	} {
		s.Operations[name] = func(r awsfake.Request) (any, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return op(r)
		}
	}
	return s
}

type controlXML struct {
	ID                            string `xml:"Id"`
	Name                          string
	Description                   string
	SigningProtocol               string
	SigningBehavior               string
	OriginAccessControlOriginType string
}

type page struct {
	Marker      string
	NextMarker  string `xml:",omitempty"`
	MaxItems    int
	IsTruncated bool
	Quantity    int
}

// pageOf cuts a listing as CloudFront does, a hundred items a page.
func pageOf(r awsfake.Request, total int) (start, end int, p page, err error) {
	marker := r.HTTP.URL.Query().Get("Marker")
	start, end, next, err := r.Page(marker, 100, total)
	return start, end, page{marker, next, 100, next != "", end - start}, err
}

func (w *World) listControls(r awsfake.Request) (any, error) {
	start, end, p, err := pageOf(r, len(w.controls))
	if err != nil {
		return nil, err
	}
	var out struct {
		page
		Items struct {
			OriginAccessControlSummary []controlXML
		}
	}
	out.page = p
	for _, c := range w.controls[start:end] {
		out.Items.OriginAccessControlSummary = append(out.Items.OriginAccessControlSummary, controlXML{c.id, c.name, c.text, c.protocol, c.behavior, c.originType})
	}
	return out, nil
}

func (w *World) createControl(r awsfake.Request) (any, error) {
	var in controlXML
	if err := xml.Unmarshal(r.Body, &in); err != nil {
		return nil, malformed(err)
	}
	if slices.ContainsFunc(w.controls, func(c control) bool { return c.name == in.Name }) {
		return nil, &awsfake.Error{Status: http.StatusConflict, Code: "OriginAccessControlAlreadyExists", Message: "one with this name exists"}
	}
	in.ID = fmt.Sprintf("E%013d", len(w.controls)+1)
	w.AddControl(in.Name, in.SigningBehavior)
	return struct {
		ID                        string `xml:"Id"`
		OriginAccessControlConfig controlXML
	}{in.ID, in}, nil
}

// AddControl puts an origin access control there. It is not for use while the
// services answer.
func (w *World) AddControl(name, behavior string) {
	w.controls = append(w.controls, control{fmt.Sprintf("E%013d", len(w.controls)+1), name, "s3", behavior, "sigv4", "made by hand"})
}

// AddDistribution puts a distribution of a bucket there, likewise.
func (w *World) AddDistribution(origin, control string, tags ...string) {
	d := distribution{id: fmt.Sprintf("EDFDVBD%06d", len(w.distributions)+1), origin: origin, control: control, enabled: true}
	d.domain = fmt.Sprintf("d%013d.cloudfront.net", len(w.distributions)+1)
	for i := 0; i+1 < len(tags); i += 2 {
		d.tags = append(d.tags, tag{tags[i], tags[i+1]})
	}
	w.distributions = append(w.distributions, d)
}

type originXML struct {
	ID                    string `xml:"Id"`
	DomainName            string
	OriginPath            string
	OriginAccessControlID string `xml:"OriginAccessControlId"`
}

type distributionXML struct {
	ID         string `xml:"Id"`
	ARN        string
	Status     string
	DomainName string
	Enabled    bool
	Origins    struct {
		Quantity int
		Items    struct{ Origin []originXML }
	}
}

func (d distribution) xml() distributionXML {
	out := distributionXML{ID: d.id, ARN: d.arn(), Status: "InProgress", DomainName: d.domain, Enabled: d.enabled}
	out.Origins.Quantity = 1
	out.Origins.Items.Origin = []originXML{{"bucket", d.origin, "", d.control}}
	return out
}

func (w *World) listDistributions(r awsfake.Request) (any, error) {
	start, end, p, err := pageOf(r, len(w.distributions))
	if err != nil {
		return nil, err
	}
	var out struct {
		page
		Items struct{ DistributionSummary []distributionXML }
	}
	out.page = p
	for _, d := range w.distributions[start:end] {
		out.Items.DistributionSummary = append(out.Items.DistributionSummary, d.xml())
	}
	return out, nil
}

func (w *World) createDistribution(r awsfake.Request) (any, error) {
	var in struct {
		Config struct {
			CallerReference string
			Enabled         bool
			Origins         []originXML `xml:"Origins>Items>Origin"`
		} `xml:"DistributionConfig"`
		Tags []tag `xml:"Tags>Items>Tag"`
	}
	if err := xml.Unmarshal(r.Body, &in); err != nil || len(in.Config.Origins) != 1 {
		return nil, malformed(fmt.Errorf("%d origins: %w", len(in.Config.Origins), err))
	}
	o := in.Config.Origins[0]
	if !slices.ContainsFunc(w.controls, func(c control) bool { return c.id == o.OriginAccessControlID }) {
		return nil, awsfake.Errorf("InvalidOriginAccessControl", "there is none")
	}
	// The same reference and the same content: the one that is there.
	for _, d := range w.distributions {
		if d.reference == in.Config.CallerReference {
			return d.xml(), nil
		}
	}
	w.AddDistribution(o.DomainName, o.OriginAccessControlID)
	d := &w.distributions[len(w.distributions)-1]
	d.reference, d.enabled, d.tags = in.Config.CallerReference, in.Config.Enabled, in.Tags
	return d.xml(), nil
}

func (w *World) listTags(r awsfake.Request) (any, error) {
	for _, d := range w.distributions {
		if d.arn() == r.HTTP.URL.Query().Get("Resource") {
			return struct {
				Items struct{ Tag []tag }
			}{struct{ Tag []tag }{d.tags}}, nil
		}
	}
	return nil, notFound("NoSuchResource")
}
