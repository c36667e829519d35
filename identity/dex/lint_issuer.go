package dex

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// An issuer is the configured URL, taken apart; url is nil where it is none.
type issuer struct {
	text string
	url  *url.URL
}

func parseIssuer(text string) issuer {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return issuer{text: text}
	}
	return issuer{text, u}
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
		k.t.Inapplicable(codeIssuerInvalid, why)
		k.t.Inapplicable(codeIssuerInsecure, why)
		k.t.Inapplicable(codeIssuerForm, why)
		k.t.Inapplicable(codeIssuerSlash, why)
		k.t.Inapplicable(codeIssuerUnrelated, why)
		return
	}
	k.judge(i.url != nil, fault{code: codeIssuerInvalid, path: path, got: i.text, summary: "The issuer " + quote(i.text) + " is not a URL of http or https."})
	if i.url == nil {
		why := "the issuer is not a URL"
		k.t.Inapplicable(codeIssuerInsecure, why)
		k.t.Inapplicable(codeIssuerForm, why)
		k.t.Inapplicable(codeIssuerSlash, why)
		k.t.Inapplicable(codeIssuerUnrelated, why)
		return
	}
	host := i.url.Hostname()
	k.judge(i.url.Scheme == "https" || isLoopback(host), fault{
		code: codeIssuerInsecure, path: path, got: i.text, want: "https", summary: "The issuer " + quote(i.text) + " is reached by http.",
	})
	k.judge(i.url.RawQuery == "" && !i.url.ForceQuery && i.url.Fragment == "" && i.url.User == nil && !strings.Contains(i.text, "#"), fault{
		code: codeIssuerForm, path: path, got: i.url.Redacted(), want: "scheme, host and path", summary: "The issuer " + quote(i.url.Redacted()) + " has more than scheme, host and path.",
	})
	k.judge(!strings.HasSuffix(i.text, "/"), fault{
		code: codeIssuerSlash, path: path, got: i.text, want: strings.TrimRight(i.text, "/"), summary: "The issuer " + quote(i.text) + " ends in a slash.",
	})
	if k.o.Hosts == nil {
		k.unseen(codeIssuerUnrelated, path, "the hosts that lead to dex were not given")
		return
	}
	k.judge(slices.ContainsFunc(k.o.Hosts, func(h string) bool { return strings.EqualFold(h, host) }), fault{
		code: codeIssuerUnrelated, path: path, got: host, want: "one of " + strings.Join(k.o.Hosts, ", "),
		summary: "The host of the issuer, " + quote(host) + ", is none that leads to dex.",
	})
}

func checkGRPC(k *linter) {
	g := k.c.GRPC
	if g.Addr == "" {
		return
	}
	local := listensLocally(g.Addr)
	k.judge(g.TLSCert != "" || local, fault{
		code: codeGRPCPlain, path: "/grpc/addr", got: g.Addr, want: "grpc.tlsCert, or an address of loopback",
		summary: "The gRPC interface at " + g.Addr + " is not encrypted.",
	})
	if g.TLSCert != "" {
		k.judge(g.TLSClientCA != "" || local, fault{
			code: codeGRPCOpen, path: "/grpc/tlsClientCA", want: "the path of an authority",
			summary: "The gRPC interface at " + g.Addr + " asks for no client certificate.",
		})
	} else {
		k.t.Inapplicable(codeGRPCOpen, "the gRPC interface is not encrypted")
	}
	k.judge(!g.Reflection, fault{
		code: codeGRPCReflection, path: "/grpc/reflection", got: "true", want: "false", summary: "The gRPC interface describes itself.",
	})
}
