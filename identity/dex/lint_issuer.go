package dex

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/internal/verdict"
)

// An issuer is the configured URL, taken apart; url is nil where it is none, and
// shown is the text without a password.
type issuer struct {
	text, shown string
	url         *url.URL
}

func parseIssuer(text string) issuer {
	i := issuer{text: text, shown: text}
	u, err := url.Parse(text)
	if err != nil {
		return i
	}
	if u.User != nil {
		i.shown = u.Redacted()
	}
	if u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		i.url = u
	}
	return i
}

// isLoopback reports whether a host is only reached from the machine itself.
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}

// listensLocally reports whether an address to listen on is on loopback.
func listensLocally(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && isLoopback(host)
}

func checkIssuer(k *linter) {
	const path = "/issuer"
	i := k.issuer
	if i.text == "" {
		// Dex refuses that, which is said already.
		why := "there is no issuer"
		k.Inapplicable(codeIssuerInvalid, why)
		k.Inapplicable(codeIssuerInsecure, why)
		k.Inapplicable(codeIssuerForm, why)
		k.Inapplicable(codeIssuerSlash, why)
		k.Inapplicable(codeIssuerUnrelated, why)
		return
	}
	k.Require(i.url != nil, verdict.Fault{Code: codeIssuerInvalid, Path: path, Got: i.shown, Summary: "The issuer " + quote(i.shown) + " is not a URL of http or https."})
	if i.url == nil {
		why := "the issuer is not a URL"
		k.Inapplicable(codeIssuerInsecure, why)
		k.Inapplicable(codeIssuerForm, why)
		k.Inapplicable(codeIssuerSlash, why)
		k.Inapplicable(codeIssuerUnrelated, why)
		return
	}
	host := i.url.Hostname()
	k.Require(i.url.Scheme == "https" || isLoopback(host), verdict.Fault{
		Code: codeIssuerInsecure, Path: path, Got: i.shown, Want: "https", Summary: "The issuer " + quote(i.shown) + " is reached by http.",
	})
	k.Require(i.url.RawQuery == "" && !i.url.ForceQuery && i.url.Fragment == "" && i.url.User == nil && !strings.Contains(i.text, "#"), verdict.Fault{
		Code: codeIssuerForm, Path: path, Got: i.shown, Want: "scheme, host and path", Summary: "The issuer " + quote(i.shown) + " has more than scheme, host and path.",
	})
	k.Require(!strings.HasSuffix(i.text, "/"), verdict.Fault{
		Code: codeIssuerSlash, Path: path, Got: i.shown, Want: strings.TrimRight(i.shown, "/"), Summary: "The issuer " + quote(i.shown) + " ends in a slash.",
	})
	if k.o.Hosts == nil {
		k.Unseen(codeIssuerUnrelated, path, "the hosts that lead to dex were not given")
		return
	}
	k.Require(slices.ContainsFunc(k.o.Hosts, func(h string) bool { return strings.EqualFold(h, host) }), verdict.Fault{
		Code: codeIssuerUnrelated, Path: path, Got: host, Want: "one of " + strings.Join(k.o.Hosts, ", "),
		Summary: "The host of the issuer, " + quote(host) + ", is none that leads to dex.",
	})
}

func checkGRPC(k *linter) {
	g := k.c.GRPC
	if g.Addr == "" {
		return
	}
	local := listensLocally(g.Addr)
	k.Require(g.TLSCert != "" || local, verdict.Fault{
		Code: codeGRPCPlain, Path: "/grpc/addr", Got: g.Addr, Want: "grpc.tlsCert, or an address of loopback",
		Summary: "The gRPC interface at " + g.Addr + " is not encrypted.",
	})
	if g.TLSCert != "" {
		k.Require(g.TLSClientCA != "" || local, verdict.Fault{
			Code: codeGRPCOpen, Path: "/grpc/tlsClientCA", Want: "the path of an authority",
			Summary: "The gRPC interface at " + g.Addr + " asks for no client certificate.",
		})
	} else {
		k.Inapplicable(codeGRPCOpen, "the gRPC interface is not encrypted")
	}
	k.Require(!g.Reflection, verdict.Fault{
		Code: codeGRPCReflection, Path: "/grpc/reflection", Got: "true", Want: "false", Summary: "The gRPC interface describes itself.",
	})
}
