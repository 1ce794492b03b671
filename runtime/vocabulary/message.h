/* runtime/vocabulary/message.h - Events, effects and controls as frames: reading, checking, writing.
 *
 * One codec for adapter links, journal and simulator. A frame is: length u32 little-endian (of what follows), kind u16,
 * zero u16, fields. A field is a varint (number x 4 + wire) and a value: wire 0 a varint (zigzag where signed), wire 1
 * eight bytes, wire 2 length and bytes. Canonical: numbers ascend, none twice, shortest varints, zero and empty
 * omitted; anything else is refused, so equal messages are equal bytes. Unknown fields are skipped, unknown values of
 * an enumeration read as 0.
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
    MESSAGE_FRAME_MAX = 256 * 1024, /* most bytes of any frame */
    MESSAGE_EVENT_MAX = 64 * 1024,  /* most bytes of an event's frame */
    MESSAGE_FIELDS_MAX = 48,        /* most fields of one message */
};

struct field {
    uint16_t number;
    uint8_t wire;
    uint64_t word;    /* wire 0 (not yet zigzag-decoded) and 1 */
    struct span span; /* wire 2 */
};

struct row;

struct message {
    uint16_t kind; /* 0: the message is a record */
    uint16_t count;
    const struct row *row; /* its row of the tables */
    struct span frame;     /* the whole frame, length included */
    struct field fields[MESSAGE_FIELDS_MAX];
};

/* Returns how many bytes the frame at `bytes` has in all; 0: fewer than four of them are there yet. */
size_t message_frame_size(const uint8_t *bytes, size_t available);

/* Reads one whole frame and checks it against its row: known kind, canonical fields, wire types, limits, UTF-8.
 * False with the reason where it may not be accepted. */
bool message_read(struct message *, const uint8_t *frame, size_t length, struct error *);

/* Reads an element of a list of records, or a blob's record, out of a message that has been read: its fields are then
 * read as a message's are, by Party_dn, Blob_key, ... `row` is row_of_record() of the field that it stands in. */
void message_record(struct message *, const struct row *, struct span record);

/* Return a field's value; 0, false or empty where it is absent. `field` is one of the enumerators made from the tables,
 * such as EventCallCreated_ani or ENVELOPE_conn. */
uint64_t message_u(const struct message *, unsigned field);
int64_t message_i(const struct message *, unsigned field);
struct span message_text(const struct message *, unsigned field);
bool message_has(const struct message *, unsigned field);

/* Reads the next element of a list of texts; false at its end. `*at` starts at 0. */
bool message_next_text(struct span list, uint32_t *at, struct span *element);
bool message_lists_text(struct span list, struct span text); /* is the text in the list? */
bool message_next_u(struct span list, uint32_t *at, uint64_t *element);

/* Returns the class of an event: its row's, or another one by a value in it (EventReleased is relieve). */
enum event_class message_class(const struct message *);
/* How soon an event is written while others are: see EVENT_PACE in events.def. */
enum event_pace { PACE_NOW, PACE_AWAITED, PACE_SOON };
enum event_pace message_pace(const struct message *); /* for an event of a link */

/* Writes the name that people know: EventParty(Ringing) is EventRinging, EventTreatment(End) EventTreatmentEnd, and
 * EventDone that is not ok EventError. Returns the length, as snprintf does. */
size_t message_name(const struct message *, char *out, size_t size);
/* Calls `each` with every name that message_name() may give; some come twice. */
void message_names(void (*each)(void *self, const char *name), void *self);

/* Writes one line for people, with names from the tables: `EventRouteRequest conn=0010... dn=1800`. Secrets are masked.
 * Returns the length it would have, as snprintf does. */
size_t message_print(const struct message *, char *out, size_t size);

/* How a line is for people. `hides` knows which keys are secret, also if a pair came without a mark, as from outside.
 * `medium` says a medium as the site calls it. `personal`: of callers' numbers only the last two characters are shown,
 * of digits, texts and pairs only how long they are. */
struct message_mask {
    bool (*hides)(const void *self, struct span key);
    struct span (*medium)(const void *self, unsigned medium); /* NULL: as enums.def calls it */
    const void *self;
    bool personal;
};
/* Writes the last two characters of a number behind ".."; a number of at most NUMBER_OWN characters is a DN of the
 * site, and is written whole. */
enum { NUMBER_OWN = 5, NUMBER_MASKED = 8 };
void number_mask(struct span number, char out[NUMBER_MASKED]);
/* Does the same for the number of a caller, or one that was dialled, but shows of a text of four characters or fewer
 * only how many it has. */
void caller_mask(struct span number, char out[NUMBER_MASKED]);
/* Returns the name of a DN or a call; but if it is a number from outside, `out` with what caller_mask() shows of it.
 * Such a number begins with + or a scheme, or has seven digits or more, not counting what follows an @. */
const char *name_mask(const char *name, char out[NUMBER_MASKED]);
/* Copies a free text, with only the last two digits of each run of digits that may be a number. `out`, which may be the
 * text itself, has room for as many bytes. Returns their count. */
uint32_t said_mask(struct span text, uint8_t *out);
/* Writes the line as message_print() does, masked as the struct message_mask says. */
size_t message_print_masked(const struct message *, struct message_mask, char *out, size_t size);
/* Writes the same line without interaction and ConnID, for a log's line that has them already. */
size_t message_print_bare(const struct message *, struct message_mask, char *out, size_t size);

struct writer {
    uint8_t *bytes;
    size_t length, capacity;
    size_t start;          /* start of the frame being written */
    const struct row *row; /* its kind's row; NULL: no table has the kind */
    unsigned last;         /* field written last: they must ascend */
    size_t list, element;  /* where the field of the list being written starts, and its first element; 0: none */
    size_t record;         /* where the record being written starts */
    unsigned outer;        /* `last` of the message around a record */
};

void writer_init(struct writer *);
void writer_free(struct writer *);
void writer_clear(struct writer *); /* forgets the frames, keeps the memory */
/* Takes from the front of a queue of frames: those before `*start` are gone, and now `length` bytes more. The rest
 * moves up when it is the smaller part, so that a queue that is never empty does not grow for ever. */
void writer_drop(struct writer *, size_t *start, size_t length);

/* Frames are appended one after another: begin, fields in ascending order, end. Zero and empty values are omitted. */
void writer_begin(struct writer *, unsigned kind);
void writer_u(struct writer *, unsigned field, uint64_t);    /* n, b, e, id */
void writer_i(struct writer *, unsigned field, int64_t);     /* i, t, d */
void writer_conn(struct writer *, unsigned field, uint64_t); /* eight bytes */
void writer_bytes(struct writer *, unsigned field, struct span);
void writer_text(struct writer *, unsigned field, const char *);
void writer_kv(struct writer *, unsigned field, const struct kv *);
/* A list: begin, elements, end. An element that is a record: begin, its fields, end. */
void writer_list_begin(struct writer *, unsigned field);
void writer_list_text(struct writer *, struct span);
void writer_list_u(struct writer *, uint64_t);
void writer_record_begin(struct writer *);
void writer_record_end(struct writer *);
void writer_list_end(struct writer *);
/* A field that is one record, such as a blob: begin, its fields, end. Left out where they are all empty. */
void writer_blob_begin(struct writer *, unsigned field);
void writer_blob_end(struct writer *);
/* Writes the event or effect again with this source and sequence number in place of its own: the two that a link or a
 * sequencer sets. The frame must be well-formed, and may be of another writer only. */
struct span writer_stamp(struct writer *, struct span frame, uint64_t source, uint64_t seq);
/* Writes the event again with this ENVELOPE_ago in place of its own. */
struct span writer_aged(struct writer *, struct span frame, int64_t ago_us);
/* The finished frame, valid until the next call on this writer. */
struct span writer_end(struct writer *);

#ifdef __cplusplus
}
#endif

#endif
