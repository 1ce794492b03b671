/* runtime/vocabulary/rows.h - The tables as data: the names of a row's fields, and what each may contain.
 *
 * For code that handles all messages alike: the codec, printing, documents, tests. All constant. */
#ifndef VOCABULARY_ROWS_H
#define VOCABULARY_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
enum field_type {
    TYPE_N, TYPE_ID, TYPE_B, TYPE_E,      /* wire 0 */
    TYPE_I, TYPE_T, TYPE_D,               /* wire 0, zigzag */
    TYPE_CONN,                            /* wire 1 */
    TYPE_NAME, TYPE_ADDR, TYPE_TEXT,      /* this type and all further ones: wire 2; these three are UTF-8 */
    TYPE_HASH, TYPE_BYTES,
    TYPE_KV, TYPE_ROWS, TYPE_VALUES,      /* packed pairs */
    TYPE_ONE_BLOB,                        /* a record */
    TYPE_LIST_TEXT, TYPE_LIST_N, TYPE_LIST_BLOB, TYPE_LIST_PARTY,
};
/* clang-format on */

enum {
    NAME_MAX_BYTES = 64,
    ADDR_MAX_BYTES = 256,
    TEXT_MAX_BYTES = 4096,
    RESULT_MAX_BYTES = 48 * 1024, /* rows, bytes */
    LIST_MAX = 1000,              /* greatest number of elements of a list, or of pairs */
};

struct enum_value {
    const char *name;
    uint32_t number;
};

struct enum_table {
    const char *name;
    const struct enum_value *values;
    unsigned count;
};

struct field_row {
    const char *name;
    uint16_t number;
    enum field_type type;
    const struct enum_table *values; /* names and numbers of an enumeration, for TYPE_E */
    bool secret; /* true: a text that a person has entered, which no log, trace or disk has in the clear */
};

struct row {
    const char *name;
    uint16_t kind;
    uint8_t row_class;   /* enum event_class, enum effect_class */
    const char *peers;   /* posters, addressees, senders: the letters of the tables */
    int64_t deadline_us; /* deadline of an effect */
    const char *doc;
    const struct field_row *fields; /* ascending */
    unsigned count;
};

/* Finds the row of a kind; NULL: there is none. */
const struct row *row_of(unsigned kind);
const struct row *row_of_record(enum field_type); /* row of the record in a TYPE_ONE_BLOB, TYPE_LIST_PARTY ... */
/* also finds the fields of the envelope, whose numbers are below 16 */
const struct field_row *row_field(const struct row *, unsigned number);
const char *enum_table_name(const struct enum_table *, uint64_t value); /* NULL where unknown */
/* Writes a field of a message that was read, unchanged, whatever its type. */
struct field;
struct writer;
void writer_field(struct writer *, const struct field *);

#ifdef __cplusplus
}
#endif

#endif
