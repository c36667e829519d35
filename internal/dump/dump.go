// Package dump reads files of JSON as a command-line tool printed it, one
// document a file, and keeps the place of every value, so that what is wrong
// with one is said with file, line, column and field:
//
//	ec2-describe-subnets.json:14:24: Subnets[2].CidrBlock: "10.0.1.7/24" has host bits set; want 10.0.1.0/24
//
// network/awscli reads the network calls of a directory of AWS CLI output with
// it; the readers of its other files (key pairs, hosted zones) are to share it,
// so that one directory is judged by one set of rules.
//
// A text is checked whole before anything is taken from it: UTF-8 or UTF-16,
// one JSON document, an object, no key twice in one object, no deeper than
// [MaxDepth]. After that a [Value] is asked for its members by name and type.
// What is wrong there is kept with the [File] while reading goes on, so that a
// person sees all that is wrong in one run; [File.Err] returns it.
//
// Nothing is decoded that is not asked for, and no tree is built: a file costs
// memory and time in proportion to its size.
package dump

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// MaxSize is the size of the largest file that is read, in bytes. The
	// subnets of a region with thousands of them take a few megabytes.
	MaxSize = 64 << 20
	// MaxDepth is how many objects and lists may stand within one another. The
	// AWS CLI prints fewer than ten.
	MaxDepth = 32
	// maxErrors is how many errors of one file are kept: the first few tell what
	// is wrong with it.
	maxErrors = 10
)

// A File is one checked document, with what was found wrong while reading it.
type File struct {
	name string
	text []byte // valid UTF-8, one valid JSON object
	errs []error
	more bool // errors beyond maxErrors
}

// Open reads and checks a file. An error names the file, and where it is about
// the text the line and column.
func Open(fsys fs.FS, name string) (*File, error) {
	data, err := read(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return Parse(name, data)
}

func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, reason(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a regular file")
	case info.Size() > MaxSize:
		return nil, tooLarge(info.Size())
	}
	// The file may grow while it is read.
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	switch {
	case err != nil:
		return nil, reason(err)
	case len(data) > MaxSize:
		return nil, tooLarge(int64(len(data)))
	}
	return data, nil
}

// reason drops the operation and the path of an error, which names them again.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func tooLarge(size int64) error {
	return fmt.Errorf("has %d bytes or more, want %d MiB at most", size, MaxSize>>20)
}

// Parse checks a text. Of its errors name is the first word; columns are
// counted in bytes of UTF-8.
func Parse(name string, data []byte) (*File, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%s: %w", name, tooLarge(int64(len(data))))
	}
	text, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := &File{name: name, text: text}
	if err := f.checkText(); err != nil {
		return nil, err
	}
	if _, err := f.checkValue(f.space(0), 1); err != nil {
		return nil, err
	}
	return f, nil
}

// decode drops a byte order mark and turns UTF-16 into UTF-8: the redirection
// of PowerShell 5 writes both.
func decode(data []byte) ([]byte, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return data, nil
	}
	if len(data)%2 != 0 {
		return nil, errors.New("is UTF-16 by its byte order mark, but ends in the middle of a character")
	}
	text := make([]byte, 0, len(data)/2)
	for i := 2; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) && i+3 < len(data) {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(data[i+2:]))); pair != utf8.RuneError {
				r, i = pair, i+2
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return text, nil
}

// checkText returns an error unless the text is one JSON object.
func (f *File) checkText() error {
	begin := f.space(0)
	if begin == len(f.text) {
		return f.errorAt(0, "", "is empty; repeat the call, or remove the file where the call fails")
	}
	if i := invalidUTF8(f.text); i >= 0 {
		return f.errorAt(i, "", "byte 0x%02x is not UTF-8; save the file as UTF-8 or UTF-16", f.text[i])
	}
	var whole discard
	err := json.Unmarshal(f.text, &whole)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		if c := f.text[begin]; c != '{' {
			return f.errorAt(begin, "", "got %s, want an object: the whole output of the call", f.describe(begin))
		}
		return err
	}
	// Offset counts the bytes up to and with the one that is wrong.
	wrong := max(0, int(syntax.Offset)-1)
	switch c := f.text[begin]; {
	case json.Valid(f.text[:wrong]):
		return f.errorAt(wrong, "", "goes on after the end of the document; want the output of one call")
	case c != '{' && c != '[':
		line, _, _ := bytes.Cut(f.text[begin:], []byte("\n"))
		return f.errorAt(begin, "", "got the text %s, want JSON as the AWS CLI prints it with --output json;"+
			" remove the file where the call fails", quote(string(bytes.TrimSpace(line)), 120))
	}
	return f.errorAt(wrong, "", "%v", syntax)
}

// discard takes any JSON value without a copy of it: json.Unmarshal is the way
// to a syntax error with its offset.
type discard struct{}

func (*discard) UnmarshalJSON([]byte) error { return nil }

func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// checkValue returns the offset behind the value at an offset, or an error for
// the first value that is nested too deeply or key that stands twice: a reader
// that takes one of the two would silently lose the other.
func (f *File) checkValue(at, depth int) (end int, err error) {
	kind := f.text[at]
	if kind != '{' && kind != '[' {
		return f.skip(at), nil
	}
	if depth > MaxDepth {
		return 0, f.errorAt(at, f.path(at), "is nested deeper than %d levels", MaxDepth)
	}
	var seen map[string]int
	i := f.space(at + 1)
	for f.text[i] != kind+2 { // } is { plus 2, and ] is [ plus 2
		if kind == '{' {
			name := unquote(f.text[i:])
			if first, twice := seen[name]; twice {
				line, _ := f.lineColumn(first)
				return 0, f.errorAt(i, step(f.path(at), name), "stands twice in one object, first on line %d", line)
			}
			if seen == nil {
				seen = map[string]int{}
			}
			seen[name] = i
			i = f.value(i)
		}
		if i, err = f.checkValue(i, depth+1); err != nil {
			return 0, err
		}
		i = f.comma(i)
	}
	return i + 1, nil
}

// Root returns the object that the document is.
func (f *File) Root() Value { return Value{f, f.space(0)} }

// Err returns what was found wrong so far, joined in the order in which it was
// found, and nil where nothing was. It holds ten errors at most and says so
// where there were more.
func (f *File) Err() error {
	if f.more {
		return errors.Join(append(f.errs, fmt.Errorf("%s: and more errors of this kind", f.name))...)
	}
	return errors.Join(f.errs...)
}

// full reports whether one more error is too many, and notes that there is one:
// a place costs a walk through the text, so none is sought in vain.
func (f *File) full() bool {
	f.more = f.more || len(f.errs) == maxErrors
	return f.more
}

// errorAt returns an error with the place of an offset and the path of a field,
// which is empty for the whole document.
func (f *File) errorAt(at int, path, format string, args ...any) error {
	line, column := f.lineColumn(at)
	problem := fmt.Sprintf(format, args...)
	if path != "" {
		problem = path + ": " + problem
	}
	return fmt.Errorf("%s:%d:%d: %s", f.name, line, column, problem)
}

// lineColumn counts both from 1, the column in bytes.
func (f *File) lineColumn(at int) (line, column int) {
	before := f.text[:min(at, len(f.text))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}
