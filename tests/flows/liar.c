/* tests/flows/liar.c - An adapter that lies: what a test needs to break the adapter protocol, frame by frame.
 *
 *   liar SOCKET NAME MS LIE [CONN]
 *
 * joins the core under that name, tells that nothing is there, lies, and goes on listening until the core closes, or
 * has all of it durable and says no more; some lies stay. For MS at most. Prints what it was sent, by kinds, and
 * whether the connection is closed or open then. CONN: in hexadecimal, of a call of another link. Exit 0; 1 where it is
 * not let in, 2 wrong use. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/message.h"

enum { IN_BYTES = 1024 * 1024, KINDS = 2048, CROWD = 70000 };

struct liar {
    int fd;
    const char *lie;
    uint64_t conn;       /* of somebody else's call */
    unsigned link;       /* ours */
    uint64_t seq;        /* last that was posted */
    bool mute;           /* answers no Ping */
    bool closed, broken; /* by the core: read, or written to */
    unsigned heard[KINDS];
    uint64_t committed;
    unsigned reason; /* of Bye or Refuse */
    char text[256];
    struct writer writer, out;
    uint8_t in[IN_BYTES];
    size_t length;
};

static void flush(struct liar *liar)
{
    size_t sent = 0;
    while (sent < liar->out.length && !liar->closed && !liar->broken) {
        ssize_t now = send(liar->fd, liar->out.bytes + sent, liar->out.length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (now > 0) {
            sent += (size_t)now;
        } else if (now < 0 && errno == EAGAIN) {
            struct pollfd look = {liar->fd, POLLOUT, 0};
            if (poll(&look, 1, 10000) != 1) break; /* it does not read: what is left goes nowhere */
        } else {
            liar->broken = true; /* closed: what it said before is still read */
            break;
        }
    }
    writer_clear(&liar->out);
}

/* Adds an event, numbered as it should be. */
static void post(struct liar *liar)
{
    writer_stamp(&liar->out, writer_end(&liar->writer), liar->link, ++liar->seq);
    if (liar->out.length > IN_BYTES) flush(liar);
}

static struct writer *event(struct liar *liar, unsigned kind, uint64_t conn)
{
    writer_clear(&liar->writer);
    writer_begin(&liar->writer, kind);
    writer_conn(&liar->writer, ENVELOPE_conn, conn);
    return &liar->writer;
}

static void hello(struct liar *liar, const char *name)
{
    struct writer *out = &liar->out;
    writer_begin(out, KIND_Hello);
    writer_u(out, Hello_protocol, PROTOCOL_VERSION);
    writer_u(out, Hello_vocabulary, VOCABULARY_VERSION);
    writer_text(out, Hello_name, name);
    writer_u(out, Hello_instance, (uint64_t)getpid());
    writer_list_begin(out, Hello_media);
    writer_list_u(out, media_voice);
    writer_list_end(out);
    writer_list_begin(out, Hello_caps);
    writer_list_text(out, span_of("calls"));
    writer_list_end(out);
    writer_end(out);
    flush(liar);
}

static void take(struct liar *liar, const struct message *message)
{
    if (message->kind < KINDS) liar->heard[message->kind]++;
    switch (message->kind) {
    case KIND_Welcome:
        liar->link = (unsigned)message_u(message, Welcome_link);
        liar->seq = message_u(message, Welcome_last_seq);
        break;
    case KIND_Committed:
        liar->committed = message_u(message, Committed_seq);
        break;
    case KIND_Ping:
        if (liar->mute) break;
        writer_begin(&liar->out, KIND_Pong);
        writer_u(&liar->out, Pong_token, message_u(message, Ping_token));
        writer_end(&liar->out);
        flush(liar);
        break;
    case KIND_Bye:
        liar->reason = (unsigned)message_u(message, Bye_reason);
        break;
    case KIND_Refuse:
        snprintf(liar->text, sizeof liar->text, "%.*s", (int)message_text(message, Refuse_text).length,
                 (const char *)message_text(message, Refuse_text).bytes);
        break;
    default:
        break;
    }
}

static void take_all(struct liar *liar)
{
    size_t at = 0, size;
    struct message message;
    while ((size = message_frame_size(liar->in + at, liar->length - at)) != 0 && liar->length - at >= size) {
        if (message_read(&message, liar->in + at, size, NULL)) take(liar, &message);
        at += size;
    }
    memmove(liar->in, liar->in + at, liar->length - at);
    liar->length -= at;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Until a message of this kind has come (0: whatever comes), the core closes, or `ms` are over. */
static void listen_for(struct liar *liar, unsigned kind, int ms)
{
    uint64_t until = now_ms() + (uint64_t)ms;
    while (!liar->closed && (kind == 0 || liar->heard[kind] == 0) && now_ms() < until) {
        struct pollfd look = {liar->fd, POLLIN, 0};
        if (poll(&look, 1, (int)(until - now_ms())) != 1) return;
        ssize_t got = recv(liar->fd, liar->in + liar->length, IN_BYTES - liar->length, 0);
        if (got <= 0) {
            liar->closed = true;
            return;
        }
        liar->length += (size_t)got;
        take_all(liar);
    }
}

/* --- Lies --- */

static void gap(struct liar *liar)
{
    event(liar, KIND_EventCallDeleted, 1);
    liar->seq += 3;
    post(liar);
}

static void repeat(struct liar *liar)
{
    for (unsigned i = 0; i < 3; i++) {
        event(liar, KIND_EventCallDeleted, 1);
        post(liar);
        liar->seq--;
    }
    liar->seq++;
}

static void other_source(struct liar *liar)
{
    event(liar, KIND_EventCallDeleted, liar->conn);
    liar->link--;
    post(liar);
}

static void no_credit(struct liar *liar)
{
    for (unsigned i = 0; i < CROWD; i++) {
        writer_u(event(liar, KIND_EventCallCreated, (uint64_t)liar->link << 48 | (i + 1)), EventCallCreated_media,
                 media_voice);
        post(liar);
    }
}

static void relief(struct liar *liar)
{
    for (unsigned i = 0; i < CROWD; i++) {
        writer_text(event(liar, KIND_EventAgentState, 0), EventAgentState_agent, "nobody");
        writer_u(&liar->writer, EventAgentState_state, agent_state_ready + i % 2);
        post(liar);
    }
}

/* Everything that ends a call, or moves it, of another link's. */
static void other_call(struct liar *liar)
{
    writer_u(event(liar, KIND_EventCallDeleted, liar->conn), EventCallDeleted_cause, cause_abandoned);
    post(liar);
    writer_u(event(liar, KIND_EventParty, liar->conn), EventParty_change, party_change_Abandoned);
    post(liar);
    writer_text(event(liar, KIND_EventRouteUsed, liar->conn), EventRouteUsed_dn, "1800");
    writer_text(&liar->writer, EventRouteUsed_to, "5000");
    post(liar);
    writer_text(event(liar, KIND_EventRouteRequest, liar->conn), EventRouteRequest_dn, "1800");
    post(liar);
    writer_u(event(liar, KIND_EventCallCreated, liar->conn), EventCallCreated_media, media_voice);
    post(liar);
    writer_u(event(liar, KIND_Observed, liar->conn), Observed_what, object_call);
    post(liar);
}

static void unknown_call(struct liar *liar)
{
    writer_text(event(liar, KIND_EventRouteRequest, (uint64_t)liar->link << 48 | 0x112233), EventRouteRequest_dn,
                "1800");
    post(liar);
}

/* An answer that was never asked for. */
static void answers(struct liar *liar)
{
    for (unsigned ref = 1; ref <= 20; ref++) {
        writer_clear(&liar->writer);
        writer_begin(&liar->writer, KIND_EventDone);
        writer_u(&liar->writer, ENVELOPE_ixn, UINT64_C(1) << 48 | 1);
        writer_u(&liar->writer, ENVELOPE_ref, ref);
        writer_conn(&liar->writer, ENVELOPE_conn, liar->conn);
        writer_u(&liar->writer, EventDone_outcome, ref % 2);
        post(liar);
    }
}

static void bad_enum(struct liar *liar)
{
    writer_u(event(liar, KIND_EventParty, (uint64_t)liar->link << 48 | 0x112233), EventParty_change, 9999);
    post(liar);
    writer_text(event(liar, KIND_EventAgentState, 0), EventAgentState_agent, "marie");
    writer_u(&liar->writer, EventAgentState_state, 77777);
    post(liar);
}

/* Asks and asks, and reads no answer. */
static void deaf(struct liar *liar)
{
    enum { PINGS = 8 * 1000 * 1000 };
    for (unsigned i = 0; i < PINGS && !liar->broken; i++) {
        writer_begin(&liar->out, KIND_Ping);
        writer_u(&liar->out, Ping_token, UINT64_MAX);
        writer_end(&liar->out);
        if (liar->out.length > IN_BYTES) flush(liar);
    }
}

static void raw(struct liar *liar, const char *bytes, size_t length)
{
    flush(liar);
    if (send(liar->fd, bytes, length, MSG_NOSIGNAL) < 0) return;
}

static void huge(struct liar *liar)
{
    static char frame[300 * 1024] = {(char)0xfc, (char)0xaf, 4}; /* that long, as it says */
    raw(liar, frame, sizeof frame);
}

static void unknown_kind(struct liar *liar)
{
    raw(liar, "\x04\0\0\0\xe7\x03\0\0", 8);
}

static void effect(struct liar *liar)
{
    event(liar, KIND_RequestRouteCall, liar->conn);
    post(liar);
}

static void endless_resync(struct liar *liar)
{
    event(liar, KIND_ResyncBegin, 0);
    post(liar);
}

static void nothing(struct liar *liar)
{
    (void)liar;
}

static void silence(struct liar *liar)
{
    liar->mute = true;
}

static const struct {
    const char *name;
    void (*tell)(struct liar *);
    bool resync; /* says first that nothing is there */
    bool stays;
} lies[] = {
    {"gap", gap, true, false},
    {"repeat", repeat, true, false},
    {"other_source", other_source, true, false},
    {"no_credit", no_credit, true, false},
    {"relief", relief, true, false},
    {"other_call", other_call, true, false},
    {"unknown_call", unknown_call, true, false},
    {"answers", answers, true, false},
    {"bad_enum", bad_enum, true, false},
    {"huge", huge, true, false},
    {"unknown_kind", unknown_kind, true, false},
    {"effect", effect, true, false},
    {"endless_resync", endless_resync, false, true},
    {"nothing", nothing, false, true},
    {"deaf", deaf, true, false},
    {"silence", silence, true, true},
};

static void report(const struct liar *liar)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        if (liar->heard[kind] != 0 && kind_name(kind)) printf("%s=%u ", kind_name(kind), liar->heard[kind]);
    if (liar->heard[KIND_Bye] != 0) printf("reason=%s ", enum_name_down_reason(liar->reason));
    if (liar->text[0] != '\0') printf("refused: %s ", liar->text);
    printf("posted=%llu committed=%llu %s\n", (unsigned long long)liar->seq, (unsigned long long)liar->committed,
           liar->closed ? "closed" : "open");
}

static bool join(struct liar *liar, const char *socket_path, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof at.sun_path) return false;
    strcpy(at.sun_path, socket_path);
    liar->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (liar->fd < 0 || connect(liar->fd, (struct sockaddr *)&at, sizeof at) != 0) return false;
    hello(liar, name);
    listen_for(liar, KIND_Welcome, 5000);
    return liar->heard[KIND_Welcome] != 0;
}

int main(int argc, char **argv)
{
    static struct liar liar;
    size_t lie = 0;
    while (argc >= 5 && lie < sizeof lies / sizeof *lies && strcmp(lies[lie].name, argv[4]) != 0) lie++;
    if (argc < 5 || lie == sizeof lies / sizeof *lies) {
        fputs("usage: liar SOCKET NAME MS LIE [CONN]\n", stderr);
        return 2;
    }
    if (argc > 5) liar.conn = strtoull(argv[5], NULL, 16);
    writer_init(&liar.writer);
    writer_init(&liar.out);
    bool in = join(&liar, argv[1], argv[2]);
    if (in) {
        writer_begin(&liar.out, KIND_Credit);
        writer_u(&liar.out, Credit_credit_continue, 1000); /* effects */
        writer_u(&liar.out, Credit_bytes, IN_BYTES);
        writer_end(&liar.out);
    }
    if (in && lies[lie].resync) {
        event(&liar, KIND_ResyncBegin, 0);
        post(&liar);
        event(&liar, KIND_ResyncEnd, 0);
        post(&liar);
        flush(&liar);
    }
    if (in) lies[lie].tell(&liar);
    flush(&liar);
    for (uint64_t until = now_ms() + strtoull(argv[3], NULL, 10); in && !liar.closed && now_ms() < until;) {
        if (!lies[lie].stays && liar.committed >= liar.seq) break;
        listen_for(&liar, 0, 100);
    }
    if (in && !lies[lie].stays) listen_for(&liar, 0, 300); /* what comes of what is durable */
    report(&liar);
    if (liar.fd >= 0) close(liar.fd);
    writer_free(&liar.writer);
    writer_free(&liar.out);
    return in ? 0 : 1;
}
