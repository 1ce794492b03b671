/* vm/bin_view.h - The views of a site: named lists of what lies in a queue or workbin, as `view urgent of queue mails`
 * declares them. Each is a table of an image, TABLE_VIEW. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"

enum bin_kind { BIN_TEXT, BIN_NUMBER, BIN_DURATION, BIN_BOOL, BIN_KINDS };
enum bin_use { BIN_SHOWN = 1, BIN_ORDERS = 2, BIN_ASKED = 4 };

enum bin_column {
#define COLUMN(id, word, kind, uses, doc) BIN_COLUMN_##id,
#include "vm/bin_columns.def"
    BIN_COLUMNS /* the word is a key of user data */
};

/* How a condition compares: `has` finds a part of a text, whether its letters are capital or small. */
enum bin_sign { BIN_EQ, BIN_NE, BIN_LT, BIN_LE, BIN_GT, BIN_GE, BIN_HAS, BIN_SIGNS };

enum { VIEW_COLUMNS_MAX = 12, VIEW_CONDITIONS_MAX = 8, VIEW_NAME_MAX = 64 };

struct bin_column_row {
    const char *word;
    uint8_t kind, uses; /* enum bin_kind; bits of enum bin_use */
    const char *doc;
};
extern const struct bin_column_row bin_columns[BIN_COLUMNS];
/* Returns BIN_COLUMNS where no column has the word: it is a key of user data. */
enum bin_column bin_column_named(const char *word, uint32_t length);

struct image_view {
    struct text name, order; /* order: a word, perhaps with - before it; empty: in order of arrival */
    uint32_t bin;            /* number of the queue or workbin among the image's names */
    uint32_t columns, conditions;
    const uint32_t *words; /* of the table, behind its head */
};

struct view_condition {
    struct text column;
    uint8_t sign, kind; /* enum bin_sign, enum bin_kind */
    struct text text;   /* of BIN_TEXT */
    int64_t number;     /* of the other kinds: a number, microseconds, or 0 or 1 for a bool */
};

/* The sizes in words of a table's head, columns and conditions, for its writer and the verifier. */
enum { VIEW_HEAD_WORDS = 5, VIEW_COLUMN_WORDS = 2, VIEW_CONDITION_WORDS = 7 };

/* Reads the image's view of that name. False: it has none. All is borrowed from the image. */
bool image_view_find(const struct image *, const char *name, uint32_t length, struct image_view *);
/* Reads the table's view; false: it is another table, or there is none of the number. */
bool image_view_at(const struct image *, uint32_t table, struct image_view *);
uint32_t image_view_tables(const struct image *); /* how many tables there are, of whatever kind */
struct text image_view_column(const struct image *, const struct image_view *, uint32_t column);
struct view_condition image_view_condition(const struct image *, const struct image_view *, uint32_t condition);
