/* base/letters.c - Letters for which people type others. See letters.h. */
#include "base/letters.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/out.h"

static const struct {
    const char *letter, *capital, *plain;
} letters[] = {
#define LETTER(letter, capital, plain) {letter, capital, plain},
#include "base/letters.def"
};

enum { LETTERS = sizeof letters / sizeof *letters };

static bool letters_begin(const char *at, size_t left, const char *with, uint32_t *length)
{
    *length = (uint32_t)strlen(with);
    return *length <= left && memcmp(at, with, *length) == 0;
}

const char *letters_plain(const char *at, size_t left, uint32_t *length)
{
    for (unsigned row = 0; row < LETTERS; row++)
        if (letters_begin(at, left, letters[row].letter, length) ||
            letters_begin(at, left, letters[row].capital, length))
            return letters[row].plain;
    return NULL;
}

struct forms {
    void (*each)(void *self, const char *form, size_t length);
    void *self;
    struct out plain, form;
    unsigned count;
};

/* Passes the form, and where a letter begins it, the one with its capital: a database that knows ASCII alone has kept
 * the capital as it is. */
static void forms_pass(struct forms *forms, const struct out *form)
{
    struct out capital = {0};
    if (forms->count++ < LETTERS_FORMS) forms->each(forms->self, form->bytes, form->length);
    for (unsigned row = 0; row < LETTERS && capital.length == 0; row++) {
        uint32_t length;
        if (!letters_begin(form->bytes, form->length, letters[row].letter, &length)) continue;
        out_text(&capital, letters[row].capital);
        out_put(&capital, form->bytes + length, form->length - length);
    }
    if (capital.length > 0 && forms->count++ < LETTERS_FORMS) forms->each(forms->self, capital.bytes, capital.length);
    out_free(&capital);
}

/* A form of a word replaces its plain letters by the letters of one row (all o by ö). The rows of æ and ø are the
 * exception: a Danish word may have both, so one form replaces by both rows. */
#define NORDIC ((1U << 0) | (1U << 4)) /* the rows of æ and ø */

/* Returns the row whose plain letters stand at that place and are wanted; -1: none. */
static int forms_row(const struct out *plain, size_t at, unsigned rows)
{
    for (unsigned row = 0; row < LETTERS; row++) {
        size_t length = strlen(letters[row].plain);
        if (rows >> row & 1 && at + length <= plain->length &&
            strncasecmp(plain->bytes + at, letters[row].plain, length) == 0)
            return (int)row;
    }
    return -1;
}

/* Writes the plain word with the rows' letters for their plain ones: at `only`, or wherever they stand. Returns how
 * many were written. */
static unsigned forms_put(struct forms *forms, unsigned rows, size_t only, bool all)
{
    unsigned count = 0;
    forms->form.length = 0;
    for (size_t at = 0; at < forms->plain.length;) {
        int row = all || at == only ? forms_row(&forms->plain, at, rows) : -1;
        if (row >= 0)
            out_text(&forms->form, letters[row].letter);
        else
            out_put(&forms->form, forms->plain.bytes + at, 1);
        at += row >= 0 ? strlen(letters[row].plain) : 1;
        count += row >= 0;
    }
    return count;
}

void letters_forms(const char *word, size_t length, void (*each)(void *self, const char *form, size_t length),
                   void *self)
{
    struct forms forms = {.each = each, .self = self};
    for (size_t at = 0; at < length;) {
        uint32_t bytes = 1;
        const char *plain = letters_plain(word + at, length - at, &bytes);
        if (plain)
            out_text(&forms.plain, plain);
        else
            out_put(&forms.plain, word + at, bytes = 1);
        at += bytes;
    }
    if (forms.plain.length > 0) forms_pass(&forms, &forms.plain);
    for (unsigned row = 0; row < LETTERS; row++) {
        unsigned count = forms_put(&forms, 1U << row, 0, true);
        if (count > 0) forms_pass(&forms, &forms.form);
        for (size_t at = 0; count > 1 && at < forms.plain.length; at++)
            if (forms_put(&forms, 1U << row, at, false) > 0) forms_pass(&forms, &forms.form);
    }
    if (forms_put(&forms, NORDIC, 0, true) > 1) forms_pass(&forms, &forms.form);
    out_free(&forms.plain);
    out_free(&forms.form);
}
