package resolver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/miekg/dns"
)

// payload is what is taken of an answer by UDP, in octets: what no path has to
// break up (https://www.dnsflagday.net/2020/).
const payload = 1232

// exchange asks a server, unless it was asked before.
func (w *walker) exchange(ctx context.Context, q query) answer {
	w.mu.Lock()
	a, known := w.answers[q]
	w.asked++
	over := w.asked > w.o.Queries
	w.mu.Unlock()
	switch {
	case known:
		return a
	case over:
		return answer{reason: fmt.Sprintf("after %d queries no more were sent", w.o.Queries)}
	}
	a = w.try(ctx, q)
	w.mu.Lock()
	w.answers[q] = a
	w.mu.Unlock()
	return a
}

// try sends a query, and again where nothing came: by TCP where the answer was
// cut, and without EDNS where the server may not know it. A failure of the server
// that passes is made up for in the same way.
func (w *walker) try(ctx context.Context, q query) answer {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(q.name.Presentation()), q.kind)
	m.RecursionDesired = q.recurse
	m.SetEdns0(payload, false)
	network, last := "udp", answer{reason: reasonTimeout}
	for failures := 0; failures < w.o.Attempts && ctx.Err() == nil; {
		got, err := w.send(ctx, network, q, m)
		switch {
		case err != nil:
			failures++
			last.reason = inWords(err)
			if network == "tcp" {
				last.reason = "the answer was cut, and by TCP " + last.reason
			}
		case got.Truncated && network == "udp":
			network = "tcp"
		case len(m.Extra) > 0 && maybeWithoutEDNS[got.Rcode]:
			m.Extra = nil
		case got.Truncated:
			return answer{reason: "the answer was cut, by TCP as well"}
		default:
			return answer{msg: got}
		}
	}
	return last
}

// maybeWithoutEDNS are what servers answer that know no EDNS, or another version:
// FORMERR by RFC 6891 section 7, the others before it and by section 6.1.3.
var maybeWithoutEDNS = map[int]bool{
	dns.RcodeFormatError: true, dns.RcodeNotImplemented: true, dns.RcodeServerFailure: true, dns.RcodeBadVers: true,
}

// send makes one exchange. A datagram that is no answer to the query is anybody's
// and is passed over: the time is what bounds the wait.
func (w *walker) send(ctx context.Context, network string, q query, m *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	nc, err := w.o.Dial(ctx, network, q.to.String())
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	// A dialer of the caller's need not know deadlines: the context ends the wait.
	defer context.AfterFunc(ctx, func() { _ = nc.Close() })()
	deadline, _ := ctx.Deadline()
	_ = nc.SetDeadline(deadline)
	conn := &dns.Conn{Conn: nc, UDPSize: dns.MaxMsgSize} // what is larger than asked for is read all the same
	m.Id = dns.Id()
	if err := conn.WriteMsg(m); err != nil {
		return nil, err
	}
	unreadable := false
	for {
		got, err := conn.ReadMsg()
		switch {
		case err != nil && got == nil, err != nil && network == "tcp":
			if unreadable {
				return nil, errUnreadable
			}
			return nil, err
		case err != nil:
			unreadable = unreadable || got.Id == m.Id
		case got.Id == m.Id && got.Response && asks(got, m):
			return got, nil
		}
	}
}

var errUnreadable = errors.New("an answer that cannot be read")

// asks reports whether the answer repeats the question. Servers that do not know
// a query may leave the question out of their error.
func asks(got, m *dns.Msg) bool {
	if len(got.Question) == 0 {
		return got.Rcode != dns.RcodeSuccess
	}
	q, r := m.Question[0], got.Question[0]
	return len(got.Question) == 1 && nameOf(q.Name) == nameOf(r.Name) && q.Qtype == r.Qtype && q.Qclass == r.Qclass
}

const reasonTimeout = "no answer came in time"

// inWords says why there is no answer, without anything that was sent.
func inWords(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, errUnreadable), errors.Is(err, dns.ErrShortRead):
		return "an answer came that cannot be read"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed), errors.As(err, &timeout) && timeout.Timeout():
		return reasonTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection broke off"
	}
	return "the connection failed"
}
