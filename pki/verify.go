package pki

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
)

// VerifyOptions say by what a bundle is judged.
type VerifyOptions struct {
	// Time is now. Without it whatever depends on the time is unknown.
	Time time.Time
	// Skew is how far clocks may be apart; zero is five minutes.
	Skew time.Duration
	// Planned is a date that certificates have to reach, such as the end of the
	// installation; zero is none.
	Planned time.Time
	// Soon is how long before its end a certificate is reported; zero is 30 days.
	Soon time.Duration
	// Inventory is what the bundle should have, of whatever cluster it was computed
	// from; zero is that of the cluster given, with zero options.
	Inventory Inventory
	// Only limits the verdict to these entries; nil is all.
	Only []ID
	// GatewayDisabled says that etcd runs with --enable-grpc-gateway=false.
	GatewayDisabled bool
	// SharedIngress accepts an ingress authority that is the kube authority.
	SharedIngress bool
}

// Verify applies the rules to a bundle, wherever it comes from, and returns at
// least one finding for each of them: one for every subject that failed or could
// not be seen, and one for all subjects together that passed or were skipped. The
// findings are ordered by [groundway.Finding.Compare].
//
// A file is the subject of what is wrong with its text, and an entry of the
// inventory of everything else; the names of both are the caller's. What a
// program does with the defect, see [Behaviors], stands in the detail.
func Verify(b Bundle, c Cluster, o VerifyOptions) []groundway.Finding {
	k := newChecker(b, c, o)
	for _, r := range []struct {
		code  groundway.Code
		check func(*checker, groundway.Code)
	}{
		{codeCluster, checkCluster},
		{codeMissing, checkMissing},
		{codeFileMode, checkFileMode},
		{codeFilePartial, checkLeftovers},
		{codeFileSize, checkFaults},
		{codePEMEmpty, checkFaults},
		{codePEMBroken, checkFaults},
		{codePEMType, checkFaults},
		{codePEMKey, checkFaults},
		{codePEMTrailing, checkFaults},
		{codePEMOrder, checkFaults},
		{codePEMDuplicate, checkFaults},
		{codePEMHeaders, checkFaults},
		{codePEMEncoding, checkFaults},
		{codeKeyEncrypted, checkFaults},
		{codeKeySeveral, checkFaults},
		{codeKeyMismatch, checkKeyMismatch},
		{codeWeakKey, checkWeakKey},
		{codeRSAHorizon, checkRSAHorizon},
		{codeKeyUnsupported, checkKeyUnsupported},
		{codeCALeaf, checkCALeaf},
		{codeCASign, checkCASign},
		{codeCAVersion, checkCAVersion},
		{codeCAShared, checkCAShared},
		{codeCAAmbiguous, checkCAAmbiguous},
		{codeKeyShared, checkKeyShared},
		{codeWeakSignature, checkWeakSignature},
		{codeChainOtherCA, checkChain},
		{codeChainIncomplete, checkChain},
		{codeChainUntrusted, checkChain},
		{codeChainPathLen, checkPathLen},
		{codeChainNames, checkConstraints},
		{codeChainUsage, checkChainUsage},
		{codeChainRoot, checkChainRoot},
		{codeNameCommonOnly, checkCommonOnly},
		{codeNameIPAsDNS, checkIPAsDNS},
		{codeNameMissing, checkNames},
		{codeNameWildcard, checkWildcards},
		{codeSubject, checkSubject},
		{codeSubjectMasters, checkMasters},
		{codeUsageServer, checkUsageServer},
		{codeUsageClient, checkUsageClient},
		{codeUsageGateway, checkUsageGateway},
		{codeUsageSignature, checkUsageSignature},
		{codeUsageEncipher, checkUsageEncipher},
		{codeTimeExpired, checkExpired},
		{codeTimeFuture, checkFuture},
		{codeTimePlanned, checkPlanned},
		{codeTimeOutlives, checkOutlives},
		{codeTimeSoon, checkSoon},
		{codeTimeLong, checkLong},
		{codeTimeCALong, checkCALong},
		{codeTimeFresh, checkFresh},
		{codeSerialDuplicate, checkSerials},
		{codeSerialShort, checkSerialShort},
		{codeKeyID, checkKeyID},
		// Last, for it fails what no other rule explains.
		{codeChainRefused, checkRefused},
	} {
		if r.code != codeCluster && len(k.problems) > 0 {
			k.Skip(r.code, codeCluster, k.fieldSubject(k.problems[0]))
			continue
		}
		r.check(k, r.code)
	}
	return k.Findings()
}

// A checker holds what the rules share: the entries, and the results.
type checker struct {
	*groundway.Tally
	b        Bundle
	inv      Inventory
	o        VerifyOptions
	problems []problem
	entries  []*entry
}

// An entry is what the inventory asks for beside what the bundle has.
type entry struct {
	id       ID
	next     bool                  // it is to take the place of another, and nobody reads it yet
	spec     *Certificate          // nil for authorities, for the service account, and for what the inventory does not have
	ca       *CertificateAuthority // of an authority
	material Material
	uses     []Use
	path     []*x509.Certificate // from the leaf to the authority, as far as it leads
	anchored bool                // the path ends in the entry's authority
	refused  error               // what crypto/x509 says of it, where the time is known
}

func (e *entry) server() bool { return e.spec != nil && e.spec.Server() }

// authority returns the ID of who signs the entry.
func (e *entry) authority() ID {
	if e.spec != nil {
		return e.spec.Authority.CA()
	}
	return e.id.Authority().CA()
}

// cert returns the certificate to be judged.
func (e *entry) cert() *x509.Certificate { return e.material.Certificate() }

// isLeaf reports whether the entry is a certificate that an authority signs.
func (e *entry) isLeaf() bool { return !e.id.IsCA() && !e.isTokens() && !e.next }

// isTokens reports whether the entry is a pair that tokens are signed with.
func (e *entry) isTokens() bool {
	of, _ := e.id.base()
	return of == ServiceAccount
}

func newChecker(b Bundle, c Cluster, o VerifyOptions) *checker {
	o.Skew = cmp.Or(o.Skew, 5*time.Minute)
	o.Soon = cmp.Or(o.Soon, 30*day)
	k := &checker{b: b, inv: o.Inventory, o: o}
	if len(k.inv.Authorities) == 0 {
		if k.problems = c.problems(); len(k.problems) > 0 {
			k.inv.Cluster = c
			k.Tally = groundway.NewTally(Rules(), k.bundleSubject())
			return k
		}
		k.inv, _ = NewInventory(c, InventoryOptions{}) // fails only for a cluster with problems
	}
	k.Tally = groundway.NewTally(Rules(), k.bundleSubject())
	for _, id := range k.inv.IDs() {
		k.addEntry(id)
	}
	for _, id := range b.IDs() {
		if !slices.ContainsFunc(k.entries, func(e *entry) bool { return e.id == id }) {
			k.addEntry(id)
		}
	}
	k.entries = slices.DeleteFunc(k.entries, func(e *entry) bool { return o.Only != nil && !slices.Contains(o.Only, e.id) })
	for _, e := range k.entries {
		if e.isLeaf() && e.cert() != nil {
			k.follow(e, b.Materials[e.authority()].Certificates)
		}
	}
	return k
}

// follow finds the way from the entry to its authority: where there are several,
// one that crypto/x509 accepts.
func (k *checker) follow(e *entry, anchors []*x509.Certificate) {
	if !k.o.Time.IsZero() {
		if e.path, e.refused = goVerify(e, anchors, k.o.Time); e.refused == nil {
			e.anchored = true
			return
		}
	}
	e.path, e.anchored = pathOf(e.material.Certificates, anchors)
}

func (k *checker) addEntry(id ID) {
	of, isNext := id.base()
	e := &entry{id: id, next: isNext, material: k.b.Materials[id], uses: k.inv.Cluster.usesOf(of)}
	if c, ok := k.inv.Certificate(id); ok {
		e.spec, e.uses = &c, c.Uses
	}
	if a, ok := k.inv.Authority(id.Authority()); ok && id.IsCA() {
		e.ca, e.uses = &a, a.Uses
	}
	k.entries = append(k.entries, e)
}

func (k *checker) entry(id ID) *entry {
	if i := slices.IndexFunc(k.entries, func(e *entry) bool { return e.id == id }); i >= 0 {
		return k.entries[i]
	}
	return &entry{id: id, material: k.b.Materials[id]}
}

// A fault is what a rule says of a subject that fails.
type fault struct {
	subject  groundway.Subject
	entry    *entry // whose consumers the detail names
	summary  string
	evidence []groundway.Fact
	remedies []groundway.Remedy
	related  []groundway.Subject
	severity groundway.Severity // zero is the rule's
}

// fail records a subject that fails. The remedy of the rule comes first, with the
// commands of the fault's own first one.
func (k *checker) fail(code groundway.Code, f fault) {
	r := ruleOf(code)
	if len(f.remedies) == 0 {
		f.remedies = []groundway.Remedy{{}}
	}
	f.remedies[0].Action = cmp.Or(f.remedies[0].Action, r.action)
	finding := groundway.Finding{
		Code: code, Severity: f.severity, Subject: f.subject, Summary: f.summary,
		Evidence: f.evidence, Remedies: f.remedies, Related: f.related,
	}
	if f.entry != nil {
		why, _ := r.Reason()
		finding.Detail = why + consequences(code, f.entry)
	}
	k.Fail(finding)
}

// consequences says who reads the entry, and what each does with the defect.
func consequences(code groundway.Code, e *entry) string {
	var programs, fields []string
	for _, u := range e.uses {
		if !slices.Contains(programs, string(u.Program)) {
			programs = append(programs, string(u.Program))
		}
		if u.Part == PartCertificate || e.id == ServiceAccount {
			if field := strings.TrimSpace(string(u.Program) + " " + u.Field); !slices.Contains(fields, field) && u.Program != ProgramKubeadm {
				fields = append(fields, field)
			}
		}
	}
	text := ""
	if len(fields) > 0 {
		text = " Taken by " + join(fields) + "."
	}
	defect := defectOf(code, e)
	for _, b := range behaviors {
		if b.Defect == defect && slices.Contains(programs, string(b.Program)) {
			text += " " + string(b.Program) + " " + b.Effect + "."
		}
	}
	return text
}

// join lists words with commas and a last and.
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// skipIf records the subject as skipped if one of these rules failed for it.
func (k *checker) skipIf(code groundway.Code, s groundway.Subject, causes ...groundway.Code) bool {
	for _, cause := range causes {
		if _, failed := k.Failed(cause, s); failed {
			k.Skip(code, cause, s)
			return true
		}
	}
	return false
}

// unknown records a subject for which the rule could not be answered.
func (k *checker) unknown(code groundway.Code, s groundway.Subject, what, why, action string) {
	k.Unknown(groundway.Finding{
		Code: code, Subject: s,
		Summary:  fmt.Sprintf("It could not be seen whether %s: %s: %s.", ruleOf(code).Clause(), what, why),
		Evidence: []groundway.Fact{{Path: what, Got: why, Want: "what the rule has to see"}},
		Remedies: []groundway.Remedy{{Action: action}},
	})
}

// sees reports whether a part of the entry is there to be judged, and records
// why the rule has nothing to say if it is not.
func (k *checker) sees(code groundway.Code, e *entry, part Part) bool {
	if source := e.material.Sources[part]; source.Unreadable != "" {
		k.unseen(code, k.subject(e), source)
		return false
	}
	if e.material.has(part) {
		return true
	}
	for _, f := range e.material.Faults {
		if f.Part == part && !f.Repaired && slices.Contains(afterRead, f.Code) {
			k.Skip(code, f.Code, fileSubject(f.File))
			return false
		}
	}
	k.Skip(code, codeMissing, k.subject(e))
	return false
}

func (k *checker) unseen(code groundway.Code, s groundway.Subject, source Source) {
	k.unknown(code, s, source.Name, source.Unreadable, "Let the caller read the file, and verify again.")
}

// each calls judge for every entry of a kind whose certificate is there.
func (k *checker) each(code groundway.Code, keep func(*entry) bool, judge func(*entry)) {
	any := false
	for _, e := range k.entries {
		if !keep(e) {
			continue
		}
		any = true
		if k.sees(code, e, PartCertificate) {
			judge(e)
		}
	}
	if !any {
		k.Inapplicable(code, "the bundle has no such entry")
	}
}

func isLeaf(e *entry) bool   { return e.isLeaf() }
func isCA(e *entry) bool     { return e.id.IsCA() }
func isServer(e *entry) bool { return e.server() }
func hasCert(e *entry) bool  { return !e.isTokens() }

func (k *checker) bundleSubject() groundway.Subject {
	return groundway.Subject{Kind: "bundle", ID: cmp.Or(k.inv.Cluster.Name, "cluster")}
}

func (k *checker) fieldSubject(p problem) groundway.Subject {
	return groundway.Subject{Kind: "cluster", Path: p.path}
}

// kindCertificate is the kind of the certificates that an authority signs.
const kindCertificate = "certificate"

func (k *checker) subject(e *entry) groundway.Subject {
	s := groundway.Subject{Kind: kindCertificate, ID: string(e.id)}
	switch {
	case e.id.IsCA():
		s.Kind = "certificate-authority"
	case e.isTokens():
		s.Kind = "key-pair"
	case e.next:
		s.Kind = "certificate-authority"
	}
	return s
}

func fileSubject(name string) groundway.Subject { return groundway.Subject{Kind: "file", ID: name} }

// place is where a fact of the entry stands: its file, or the entry itself.
func (e *entry) place(part Part) string {
	return cmp.Or(e.material.Sources[part].Name, string(e.id))
}

// label names the entry, and its file where it has one.
func (e *entry) label(part Part) string {
	if file := e.material.Sources[part].Name; file != "" {
		return string(e.id) + " (" + file + ")"
	}
	return string(e.id)
}

// show is the command by which a person sees what a rule saw.
func (e *entry) show() [][]string {
	file := e.material.Sources[PartCertificate].Name
	if file == "" {
		return nil
	}
	return [][]string{{"openssl", "x509", "-noout", "-text", "-in", file}}
}

// failCert records that the entry's certificate breaks the rule.
func (k *checker) failCert(code groundway.Code, e *entry, summary string, facts ...groundway.Fact) {
	k.failCertAs(0, code, e, summary, facts...)
}

// failCertAs is failCert with a severity of its own; zero is the rule's.
func (k *checker) failCertAs(severity groundway.Severity, code groundway.Code, e *entry, summary string, facts ...groundway.Fact) {
	for i := range facts {
		facts[i].Path = cmp.Or(facts[i].Path, e.place(PartCertificate))
	}
	k.fail(code, fault{
		subject: k.subject(e), entry: e, severity: severity, summary: e.label(PartCertificate) + " " + summary, evidence: facts,
		remedies: []groundway.Remedy{{Commands: e.show()}},
	})
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
