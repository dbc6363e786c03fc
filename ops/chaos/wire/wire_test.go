package wire

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bytesOf writes a frame.
func bytesOf(kind byte, channel uint16, payload ...byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{kind}, channel)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	return append(append(b, payload...), 0xce)
}

func method(class, id uint16, args ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, class)
	return append(binary.BigEndian.AppendUint16(b, id), args...)
}

func short(s string) []byte { return append([]byte{byte(len(s))}, s...) }

// delivery is basic.deliver with its content header.
func delivery(channel uint16, tag uint64, redelivered byte, queue, id string) []byte {
	args := append(short("consumer"), binary.BigEndian.AppendUint64(nil, tag)...)
	args = append(append(args, redelivered), append(short("exchange"), short(queue)...)...)
	header := append(method(60, 0), make([]byte, 8)...)                    // class, weight, size of the body
	header = binary.BigEndian.AppendUint16(header, 1<<15|1<<13|1<<12|1<<7) // which properties are there
	header = append(header, short("application/json")...)
	header = append(binary.BigEndian.AppendUint32(header, 3), "abc"...) // a table of headers, as long as it says
	header = append(append(header, 2), short(id)...)
	return append(bytesOf(frameMethod, channel, method(60, 60, args...)...), bytesOf(frameHeader, channel, header...)...)
}

func ack(channel uint16, tag uint64, multiple byte) []byte {
	return bytesOf(frameMethod, channel, method(60, 80, append(binary.BigEndian.AppendUint64(nil, tag), multiple)...)...)
}

func openOK(channel uint16) []byte { return bytesOf(frameMethod, channel, method(20, 11)...) }

// TestWitness: what was acknowledged, alone or with those before it, and what
// the broker delivered again all the same.
func TestWitness(t *testing.T) {
	w := newWitness()
	c := w.connection()
	broker, process := parser{see: c.received}, parser{see: c.sent, header: true}
	process.write([]byte("AMQP\x00\x00\x09\x01"))
	for tag := range uint64(4) {
		for _, b := range delivery(1, tag+1, 0, "tweets.00", string('a'+rune(tag))) { // byte by byte: frames come in pieces
			broker.write([]byte{b})
		}
	}
	process.write(append(ack(1, 2, 1), ack(1, 4, 0)...)) // a, b and d
	broker.write(openOK(1))
	for tag, id := range map[uint64]string{1: "b", 2: "c"} { // only c was to come again
		broker.write(delivery(1, tag, 1, "tweets.00", id))
	}
	broker.write(delivery(1, 3, 0, "tweets.00", "d")) // published once more
	broker.write(delivery(1, 4, 0, "users.00", "a"))  // another queue
	want := Summary{Deliveries: 8, Returned: 2, Acked: 3, Again: []string{"tweets.00 b"}, Anew: 1}
	if d := cmp.Diff(want, w.Summary()); d != "" {
		t.Errorf("seen (-want +got):\n%s", d)
	}
}

// TestHold: what a process sends waits, what the broker sends comes.
func TestHold(t *testing.T) {
	broker, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	p, err := NewProxy(broker.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	client, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := broker.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p.Hold()
	if _, err := client.Write([]byte("held")); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Write([]byte("comes")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(client, got); err != nil || string(got) != "comes" {
		t.Errorf("the broker's %q, %v", got, err)
	}
	if err := server.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := server.Read(got); err == nil {
		t.Errorf("%q passed though it was held", got[:n])
	}
	p.Release()
	if err := server.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(server, got[:4]); err != nil || string(got[:n]) != "held" {
		t.Errorf("released: %q, %v", got[:n], err)
	}
}
