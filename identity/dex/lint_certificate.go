package dex

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

var certificateCodes = []groundway.Code{codeCertTime, codeCertName, codeCertUsage, codeCertWeak, codeCertCA}

// checkCertificates judges what dex shows to clients.
func checkCertificates(k *linter) {
	type shown struct{ path, file, host string }
	var all []shown
	if k.c.GRPC.Addr != "" && k.c.GRPC.TLSCert != "" {
		all = append(all, shown{"/grpc/tlsCert", k.c.GRPC.TLSCert, k.o.GRPCHost})
	}
	if k.c.Web.HTTPS != "" && k.c.Web.TLSCert != "" {
		host := ""
		if k.issuer.url != nil {
			host = k.issuer.url.Hostname()
		}
		all = append(all, shown{"/web/tlsCert", k.c.Web.TLSCert, host})
	}
	for _, s := range all {
		data, ok := k.o.Files[s.file]
		if !ok {
			for _, code := range certificateCodes {
				k.Unseen(code, s.path, "the file "+s.file+" was not given")
			}
			continue
		}
		list, _ := certificates(data)
		if len(list) == 0 {
			k.Fail(verdict.Fault{Code: codeRefused, Path: s.path, Got: s.file, Want: "a certificate", Summary: "The file " + s.file + " has no certificate that can be read: dex does not start."})
			for _, code := range certificateCodes {
				k.Inapplicable(code, "the certificate cannot be read")
			}
			continue
		}
		k.certificate(s.path, s.file, s.host, list[0])
	}
}

func (k *linter) certificate(path, file, host string, c *x509.Certificate) {
	name := "The certificate in " + file
	k.dates(codeCertTime, path, name, c)
	switch {
	case len(c.DNSNames) == 0 && len(c.IPAddresses) == 0:
		k.Fail(verdict.Fault{
			Code: codeCertName, Path: path, Got: "common name " + c.Subject.CommonName, Want: "a subject alternative name",
			Summary: name + " has no subject alternative name.",
		})
	case host == "":
		k.Unseen(codeCertName, path, "the host by which dex is reached was not given")
	default:
		// Behind an ingress it may be another name that the ingress asks for.
		severity := groundway.Error
		if path == "/web/tlsCert" {
			severity = groundway.Warning
		}
		k.Require(c.VerifyHostname(host) == nil, verdict.Fault{
			Code: codeCertName, Severity: severity, Path: path, Got: strings.Join(namesOf(c), ", "), Want: host, Summary: name + " is not for " + host + ".",
		})
	}
	server := len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
	k.Require(server, verdict.Fault{Code: codeCertUsage, Path: path, Got: "extended key usage without serverAuth", Want: "serverAuth", Summary: name + " may not be used for a server."})
	weakness := ""
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < 2048 {
			weakness = fmt.Sprintf("RSA of %d bits", bits)
		}
	case *ecdsa.PublicKey:
		if key.Curve.Params().BitSize < 256 {
			weakness = key.Curve.Params().Name
		}
	}
	switch c.SignatureAlgorithm {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
		weakness = c.SignatureAlgorithm.String()
	}
	k.Require(weakness == "", verdict.Fault{Code: codeCertWeak, Path: path, Got: weakness, Want: "ECDSA P-256 or RSA of 2048 bits, signed with SHA-256", Summary: name + " is weak: " + weakness + "."})
	k.Require(!c.IsCA, verdict.Fault{Code: codeCertCA, Path: path, Got: "an authority: " + c.Subject.CommonName, Want: "a certificate that signs nothing", Summary: name + " is that of an authority."})
}

func (k *linter) dates(code groundway.Code, path, name string, c *x509.Certificate) {
	if k.o.Time.IsZero() {
		k.Unseen(code, path, "the time was not given")
		return
	}
	switch day := time.DateOnly; {
	case k.o.Time.After(c.NotAfter):
		k.Fail(verdict.Fault{Code: code, Path: path, Got: "until " + c.NotAfter.UTC().Format(day), Want: k.o.Time.UTC().Format(day), Summary: name + " ended on " + c.NotAfter.UTC().Format(day) + "."})
	case k.o.Time.Before(c.NotBefore):
		k.Fail(verdict.Fault{Code: code, Path: path, Got: "from " + c.NotBefore.UTC().Format(day), Want: k.o.Time.UTC().Format(day), Summary: name + " begins on " + c.NotBefore.UTC().Format(day) + "."})
	default:
		k.Pass(code, 1)
	}
}

func namesOf(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, a := range c.IPAddresses {
		names = append(names, a.String())
	}
	return names
}

// certificates returns the certificates of a PEM text, as dex reads one, and how
// many blocks it drops.
func certificates(data []byte) (list []*x509.Certificate, broken int) {
	for len(data) > 0 {
		block, rest := pem.Decode(data)
		if block == nil {
			if len(bytes.TrimSpace(data)) > 0 {
				broken++
			}
			break
		}
		data = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			broken++
			continue
		}
		list = append(list, c)
	}
	return list, broken
}

func checkClientCA(k *linter) {
	const path = "/grpc/tlsClientCA"
	file := k.c.GRPC.TLSClientCA
	if file == "" || k.c.GRPC.Addr == "" {
		return
	}
	data, ok := k.o.Files[file]
	if !ok {
		k.Unseen(codeClientCA, path, "the file "+file+" was not given")
		k.Unseen(codeClientCAOut, path, "the file "+file+" was not given")
		return
	}
	list, broken := certificates(data)
	problem := ""
	for _, c := range list {
		switch {
		case !c.IsCA:
			problem = "the certificate of " + quote(c.Subject.CommonName) + " is no authority"
		case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
			problem = "the authority " + quote(c.Subject.CommonName) + " may not sign certificates"
		}
	}
	switch {
	case len(list) == 0:
		problem = "it has no certificate"
	case broken > 0:
		problem = fmt.Sprintf("dex drops %d blocks that cannot be read", broken)
	}
	k.Require(problem == "", verdict.Fault{Code: codeClientCA, Path: path, Got: problem, Want: "certificates of authorities", Summary: "The file " + file + " cannot verify clients: " + problem + "."})
	switch client, _ := certificates(k.o.GRPCClient); {
	case problem != "":
		k.Skip(codeClientCAOut, codeClientCA, k.Subject(path))
	case k.o.GRPCClient == nil:
		k.Unseen(codeClientCAOut, path, "the console's certificate was not given")
	case len(client) == 0:
		k.Unseen(codeClientCAOut, path, "the console's certificate cannot be read")
	default:
		signed := slices.ContainsFunc(list, func(ca *x509.Certificate) bool { return client[0].CheckSignatureFrom(ca) == nil })
		k.Require(signed, verdict.Fault{
			Code: codeClientCAOut, Path: path, Got: "signed by " + client[0].Issuer.String(), Want: "signed by an authority in " + file,
			Summary: "The console's certificate is not signed by an authority in " + file + ".",
		})
	}
}
