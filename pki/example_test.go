package pki_test

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"log"
	"net/netip"
	"slices"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

func Example() {
	cluster := pki.Cluster{
		Name:        "demo",
		APIExternal: "demo-api.k8s.example.com",
		ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16"),
		EtcdMembers: []pki.Node{{Name: "demo-etcd-0.k8s.example.com"}},
		ConsoleHost: "demo.k8s.example.com",
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: now})
	if err != nil {
		log.Fatal(err)
	}
	report := groundway.NewReport(now, pki.Verify(bundle, cluster, pki.VerifyOptions{Time: now}))
	fmt.Println(report.Err() == nil, len(bundle.IDs()), "entries")

	etcd := bundle.Materials[pki.EtcdServer]
	fmt.Println(etcd.Certificate().DNSNames, etcd.Certificate().NotAfter.Format(time.DateOnly), etcd.Key)
	// Output:
	// true 18 entries
	// [demo-etcd-0.k8s.example.com localhost] 2027-03-01 [private key]
}

// The console's host has changed since the certificates were made.
func ExampleVerify() {
	cluster := demo()
	now := noon
	bundle, err := goodOnce()
	if err != nil {
		log.Fatal(err)
	}
	cluster.ConsoleHost = "console.example.com"
	report := groundway.NewReport(now, pki.Verify(bundle, cluster, pki.VerifyOptions{Time: now}))
	for _, f := range report.Blocking() {
		fmt.Println(f.Code, f.Subject)
		fmt.Println(f.Summary)
		fmt.Println(f.Remedies[0].Action)
	}
	// Output:
	// pki/name-missing ingress/server
	// ingress/server lacks console.example.com.
	// Issue the certificate anew with these names.
}

// The kube authority is held by a key management service; the others are made
// here.
func ExampleIssue_signer() {
	cluster := demo()
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	chain, service := keyManagementService()
	issuer, err := pki.NewIssuer(chain, service)
	if err != nil {
		log.Fatal(err)
	}
	bundle, err := pki.Issue(inventory, pki.IssueOptions{
		Time: noon, Issuers: map[pki.Authority]pki.Issuer{pki.AuthorityKube: issuer},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bundle.Materials[pki.APIServer].Certificate().Issuer)
	fmt.Println("the key of kube/ca is here:", !bundle.Materials[pki.KubeCA].Key.IsZero())
	// Output:
	// CN=kube-ca,O=bootkube
	// the key of kube/ca is here: false
}

// A company's authority signs for the ingress: the keys stay here, and the answer
// is verified before anything uses it.
func ExampleNewRequests() {
	cluster := demo()
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	requests, err := pki.NewRequests(inventory, nil, pki.IngressServer)
	if err != nil {
		log.Fatal(err)
	}
	authority, answers := company(requests)
	accepted, findings := pki.Accept(inventory, requests, authority, answers, pki.VerifyOptions{Time: noon})
	if err := groundway.NewReport(noon, findings).Err(); err != nil {
		log.Fatal(err)
	}
	bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: noon, Provided: accepted})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bundle.Materials[pki.IngressServer].Certificate().Subject)
	// Output:
	// CN=demo.k8s.example.com
}

// What takes the outputs of Tectonic's module for etcd, as its documentation
// prints it and today.
func ExampleInventory_Uses() {
	inventory, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, u := range inventory.Uses() {
		if u.Path == pki.PathEtcdPeer {
			fmt.Printf("%s: %s %s, today %s\n", u.Output(), u.Program, u.Printed, u.Field)
		}
	}
	// Output:
	// etcd_ca_crt_pem: etcd --peer-trusted-ca, today --peer-trusted-ca-file
	// etcd_peer_crt_pem: etcd --etcd-certfile, today --peer-cert-file
	// etcd_peer_key_pem: etcd --etcd-keyfile, today --peer-key-file
}

// A certificate behind its authority is put in order, and the file is reported.
func ExampleReadFiles() {
	bundle, err := goodOnce()
	if err != nil {
		log.Fatal(err)
	}
	chain := append(pemOf(bundle.Materials[pki.KubeCA].Certificate()), pemOf(bundle.Materials[pki.APIServer].Certificate())...)
	read := pki.ReadFiles([]pki.File{
		{ID: pki.APIServer, Part: pki.PartCertificate, Name: "apiserver.pem", Data: chain},
	}, pki.ReadOptions{})
	m := read.Materials[pki.APIServer]
	fmt.Println(m.Certificate().Subject)
	fmt.Println(m.Faults[0].Code, "in", m.Faults[0].File+":", m.Faults[0].Got)
	// Output:
	// CN=kube-apiserver,O=kube-master
	// pki/pem-order-wrong in apiserver.pem: the certificate behind "kube-ca"
}

// keyManagementService stands for a service that holds the key of an authority.
func keyManagementService() ([]*x509.Certificate, crypto.Signer) {
	bundle, err := goodOnce()
	if err != nil {
		log.Fatal(err)
	}
	m := bundle.Materials[pki.KubeCA]
	return m.Certificates, opaque{m.Key.Signer()}
}

// company stands for a company's authority, which signs requests by hand.
func company(requests []pki.Request) (authority []byte, answers map[pki.ID][]byte) {
	bundle, err := goodOnce()
	if err != nil {
		log.Fatal(err)
	}
	issuer, err := bundle.Issuer(pki.AuthorityIngress)
	if err != nil {
		log.Fatal(err)
	}
	inventory, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	answers = map[pki.ID][]byte{}
	for _, r := range requests {
		csr, err := pki.ParseRequest(r.PEM())
		if err != nil {
			log.Fatal(err)
		}
		entry, _ := inventory.Certificate(r.ID)
		chain, err := issuer.SignRequest(entry, csr, pki.IssueOptions{Time: noon})
		if err != nil {
			log.Fatal(err)
		}
		answers[r.ID] = pemOf(chain...)
	}
	return pemOf(issuer.Certificate()), answers
}

// The kube authority is replaced, a step at a time: each is written, brought to
// its readers, and waited for, before the next one is planned.
func ExamplePlanRotation() {
	inventory, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	bundle, err := goodOnce()
	if err != nil {
		log.Fatal(err)
	}
	now := noon
	plan, err := pki.PlanRotation(inventory, bundle, pki.KubeCA, pki.RotateOptions{Time: now, Begin: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range plan.Steps {
		var restart []pki.Program
		for _, u := range s.Readers {
			if !u.Reloads() && !slices.Contains(restart, u.Program) {
				restart = append(restart, u.Program)
			}
		}
		if s.Wait > 0 {
			fmt.Printf("  wait %s for %s\n", s.Wait, s.For)
		}
		fmt.Printf("%s: %s\n", s.To, s.Do)
		fmt.Printf("  %d entries change, %d connections break; restart %v\n", len(s.Changed), len(s.Broken), restart)
	}
	// Whoever was interrupted plans anew: the material shows how far it has come.
	rest, err := pki.PlanRotation(inventory, plan.Steps[1].Bundle, pki.KubeCA, pki.RotateOptions{Time: now})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rest.Phase, "already,", len(rest.Steps), "steps to go")
	// Output:
	// prepared: Make the next key, and keep it where the one that signs is kept.
	//   1 entries change, 0 connections break; restart []
	// published: Let everybody who checks signatures trust the next key too.
	//   1 entries change, 0 connections break; restart [kubelet dex kubectl kube-controller-manager kube-apiserver]
	//   wait 1h0m0s for everybody who checks signatures to know the next key
	// switched: Let the next key sign, and issue anew what the one before has signed.
	//   9 entries change, 0 connections break; restart [kubelet dex kubectl kube-controller-manager kube-apiserver kube-scheduler console]
	//   wait 24h0m0s for everything that the key before has signed to be out of use
	// steady: Let nobody trust the key before any longer.
	//   1 entries change, 0 connections break; restart [kubelet dex kubectl kube-controller-manager kube-apiserver]
	// published already, 2 steps to go
}

// What ends first, and what breaks then.
func ExampleExpiries() {
	inventory, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	bundle, err := goodOnce()
	if err != nil {
		log.Fatal(err)
	}
	first := pki.Expiries(inventory, bundle)[0]
	fmt.Println(first)
	fmt.Println(first.Action)
	// Output:
	// etcd/server ends on 2027-03-01T12:00:00Z; then kube-apiserver to etcd and etcdctl to etcd fails
	// Renew etcd/server: PlanRenewal issues it anew under the authority that it has.
}
