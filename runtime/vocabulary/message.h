/* runtime/vocabulary/message.h - Reads, checks and writes events, effects and controls as frames.
 *
 * Adapter links, journal and simulator use this one codec. A frame is: length u32 little-endian (of what follows),
 * kind u16, zero u16, fields. A field is a varint (number x 4 + wire) and a value: wire 0: a varint (zigzag if the
 * type is signed); wire 1: eight bytes; wire 2: length and bytes. Canonical: numbers ascend, none comes twice,
 * varints are as short as possible, zero and empty values are omitted; any other form is refused, so equal messages
 * have equal bytes. Unknown fields are skipped, unknown values of an enumeration are read as 0.
 *
 * A `struct message` borrows the frame it was read from. A `struct writer` owns its buffer. */
#ifndef VOCABULARY_MESSAGE_H
#define VOCABULARY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MESSAGE_HEADER = 8,             /* length, kind, zero */
    MESSAGE_FRAME_MAX = 256 * 1024, /* greatest size of any frame, in bytes */
    MESSAGE_EVENT_MAX = 64 * 1024,  /* greatest size of an event's frame, in bytes */
    MESSAGE_FIELDS_MAX = 48,        /* greatest number of fields of a message */
};

struct field {
    uint16_t number;
    uint8_t wire;
    uint64_t word;    /* value for wire 0 (before the zigzag decoding) and 1 */
    struct span span; /* wire 2 */
};

struct row;

struct message {
    uint16_t kind; /* kind of the message; 0: it is a record */
    uint16_t count;
    const struct row *row; /* the message's row in the tables */
    struct span frame;     /* the whole frame, with its length */
    struct field fields[MESSAGE_FIELDS_MAX];
};

/* Returns the whole size of the frame at `bytes`; 0: fewer than its first four bytes are there. */
size_t message_frame_size(const uint8_t *bytes, size_t available);

/* Reads one whole frame and checks it against its row: known kind, canonical fields, wire types, limits, UTF-8.
 * False with the reason: the frame must not be accepted. */
bool message_read(struct message *, const uint8_t *frame, size_t length, struct error *);

/* Reads an element of a list of records, or a blob's record, from a message that has been read: its fields are then
 * read like those of a message, by Party_dn, Blob_key and so on. `row` is row_of_record() of the field that contains
 * it. */
void message_record(struct message *, const struct row *, struct span record);

/* Return a field's value; 0, false or empty if the field is absent. `field` is one of the enumerators made from the
 * tables, such as EventCallCreated_ani or ENVELOPE_conn. */
uint64_t message_u(const struct message *, unsigned field);
int64_t message_i(const struct message *, unsigned field);
struct span message_text(const struct message *, unsigned field);
bool message_has(const struct message *, unsigned field);

/* Reads the next element of a list of texts; false at its end. `*at` starts at 0. */
bool message_next_text(struct span list, uint32_t *at, struct span *element);
bool message_lists_text(struct span list, struct span text); /* true: the list has the text */
bool message_next_u(struct span list, uint32_t *at, uint64_t *element);

/* Returns the class of an event: its row's, or another one because of a value in the event (EventReleased is
 * relieve). */
enum event_class message_class(const struct message *);
/* How soon an event is put into a batch while others are written: see EVENT_PACE in events.def. */
enum event_pace { PACE_NOW, PACE_AWAITED, PACE_SOON };
enum event_pace message_pace(const struct message *); /* returns the pace of an event of a link */

/* Writes the name known to people: EventParty(Ringing) is EventRinging, EventTreatment(End) is EventTreatmentEnd,
 * and an EventDone that is not ok is EventError. Returns the length, like snprintf. */
size_t message_name(const struct message *, char *out, size_t size);
/* Calls `each` with every name that message_name() can write; some come twice. */
void message_names(void (*each)(void *self, const char *name), void *self);

/* Writes one line for people, with names from the tables: `EventRouteRequest conn=0010000000000001 dn=1800`. Secrets
 * are masked. Returns the length of the whole line, like snprintf. */
size_t message_print(const struct message *, char *out, size_t size);

/* How a line is masked for people. `hides` says which keys are secret, also for pairs without a mark, such as those
 * from outside. `medium` returns the site's name of a medium. `personal`: of callers' numbers only the last two
 * characters are shown; of digits, texts and pairs only the length. */
struct message_mask {
    bool (*hides)(const void *self, struct span key);
    struct span (*medium)(const void *self, unsigned medium); /* NULL: the medium has its name of enums.def */
    const void *self;
    bool personal;
};
/* Writes ".." and the last two characters of a number; a number of at most NUMBER_OWN characters is a DN of the
 * site, and is written whole. */
enum { NUMBER_OWN = 5, NUMBER_MASKED = 8 };
void number_mask(struct span number, char out[NUMBER_MASKED]);
/* Writes the number of a caller, or one that was dialled, as number_mask() does; but of a text of four characters or
 * fewer it shows only the length. */
void caller_mask(struct span number, char out[NUMBER_MASKED]);
/* Returns the name of a DN or a call; if it is a number from outside, returns `out` with the text that caller_mask()
 * writes. Such a number begins with + or a scheme, or has seven digits or more, not counting what follows an @. */
const char *name_mask(const char *name, char out[NUMBER_MASKED]);
/* Copies a free text, but of each run of digits that may be a number only the last two. `out`, which may be the text
 * itself, has room for the text's length. Returns their count. */
uint32_t said_mask(struct span text, uint8_t *out);
/* Writes the line as message_print() does, masked as the struct message_mask says. */
size_t message_print_masked(const struct message *, struct message_mask, char *out, size_t size);
/* Writes the line of message_print_masked() without interaction and ConnID, for a log line that already has them. */
size_t message_print_bare(const struct message *, struct message_mask, char *out, size_t size);

struct writer {
    uint8_t *bytes;
    size_t length, capacity;
    size_t start;          /* start of the frame being written */
    const struct row *row; /* row of the frame's kind; NULL: no table has the kind */
    unsigned last;         /* number of the field written last: the numbers must ascend */
    size_t list, element;  /* where the field of the list being written starts, and its first element; 0: none */
    size_t record;         /* where the record being written starts */
    unsigned outer;        /* number of the field written last in the message that contains the record */
};

void writer_init(struct writer *);
void writer_free(struct writer *);
void writer_clear(struct writer *); /* drops the frames, keeps the memory */
/* Removes `length` bytes of frames from the front of a queue; the bytes before `*start` were removed earlier. The
 * rest is moved to the front when it is the smaller part, so that a queue that is never empty does not grow for
 * ever. */
void writer_drop(struct writer *, size_t *start, size_t length);

/* Frames are appended one after another: begin, fields in ascending order, end. Zero and empty values are omitted. */
void writer_begin(struct writer *, unsigned kind);
void writer_u(struct writer *, unsigned field, uint64_t);    /* n, b, e, id */
void writer_i(struct writer *, unsigned field, int64_t);     /* i, t, d */
void writer_conn(struct writer *, unsigned field, uint64_t); /* eight bytes */
void writer_bytes(struct writer *, unsigned field, struct span);
void writer_text(struct writer *, unsigned field, const char *);
void writer_kv(struct writer *, unsigned field, const struct kv *);
/* A list is written by: begin, elements, end. An element that is a record is written by: begin, its fields, end. */
void writer_list_begin(struct writer *, unsigned field);
void writer_list_text(struct writer *, struct span);
void writer_list_u(struct writer *, uint64_t);
void writer_record_begin(struct writer *);
void writer_record_end(struct writer *);
void writer_list_end(struct writer *);
/* A field that is one record, such as a blob, is written by: begin, its fields, end. If all its fields are empty,
 * the record is omitted. */
void writer_blob_begin(struct writer *, unsigned field);
void writer_blob_end(struct writer *);
/* Writes the event or effect again with this source and sequence number in place of its own: these two are set by a
 * link or a sequencer. The frame must be well-formed, and may only come from another writer. */
struct span writer_stamp(struct writer *, struct span frame, uint64_t source, uint64_t seq);
/* Writes the event again with this ENVELOPE_ago in place of its own. */
struct span writer_aged(struct writer *, struct span frame, int64_t ago_us);
/* Returns the finished frame, which is valid until the next call on this writer. */
struct span writer_end(struct writer *);

#ifdef __cplusplus
}
#endif

#endif
