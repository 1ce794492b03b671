/* compiler/language/media.c - Sets of media: a bit per row of media.def, in the order of the rows.
 *
 * The bits are used within the compiler only; the number in a row is used on the wire. */
#include "compiler/language/media.h"

#include <assert.h>
#include <string.h>

#include "base/near.h"

enum { /* the numbers of media on the wire */
#define ENUM(name)
#define V(name, word, number) ENUM_##name##_##word = number,
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"
};

/* For each medium, from the column `answered`: do people answer it, in writing or by their work? A medium whose answers
 * another person has to release is answered in writing as well. */
enum {
    REPLIED_no = false,
    REPLIED_released = true,
    REPLIED_read = true,
    REPLIED_work = true,
    REPLIED_mail = true,
    REPLIED_conversation = true
};

static const struct {
    const char *word;
    uint32_t number;
    int64_t lifetime_s;
    bool replied;
} media[] = {
#define MEDIA(word, medium, lifetime, answered, doc) {word, ENUM_media_##medium, lifetime, REPLIED_##answered},
#include "runtime/vocabulary/media.def"
};

enum { MEDIA_ROWS = sizeof media / sizeof *media };
static_assert((int)MEDIA_ROWS <= (int)MEDIA_KINDS, "a set has a bit for each row");

/* MEDIA_ROWS: there is none. */
static uint32_t media_row(const char *word)
{
    uint32_t row = 0;
    while (row < MEDIA_ROWS && strcmp(media[row].word, word) != 0) row++;
    return row;
}

const char *media_nth(size_t i)
{
    return i < MEDIA_ROWS && strncmp(media[i].word, "own", 3) != 0 ? media[i].word : NULL;
}

struct media_set media_bit(const char *word)
{
    uint32_t row = media_row(word);
    return row < MEDIA_ROWS ? media_set_one(row) : (struct media_set){{0}};
}

bool media_is(const char *word)
{
    return media_row(word) < MEDIA_ROWS;
}

uint32_t media_number(const char *word)
{
    uint32_t row = media_row(word);
    return row < MEDIA_ROWS ? media[row].number : 0;
}

/* A call-back needs an agent's capacity for a call. */
uint32_t media_unit_number(uint32_t number)
{
    return number == ENUM_media_callback ? ENUM_media_voice : number;
}

/* Returns the word of the first row that has this number; there always is one, as the number came from a row. */
const char *media_unit(const char *word)
{
    uint32_t number = media_unit_number(media_number(word)), row = 0;
    if (!number) return NULL;
    while (media[row].number != number) row++;
    return media[row].word;
}

struct media_set media_every(void)
{
    return media_set_until(MEDIA_ROWS);
}

struct media_set media_numbered(uint32_t number)
{
    struct media_set set = {{0}};
    for (uint32_t i = 0; i < MEDIA_ROWS; i++)
        if (media[i].number == number) set = media_set_with(set, i, true);
    return set;
}

struct media_set media_set_replied(void)
{
    struct media_set set = {{0}};
    for (uint32_t i = 0; i < MEDIA_ROWS; i++) set = media_set_with(set, i, media[i].replied);
    return set;
}

const char *media_own(unsigned own)
{
    return media_word(media_numbered(medium_of_own(own)));
}

const char *media_near(const char *word, uint32_t *least)
{
    const char *nearest = NULL;
    for (uint32_t i = 0; i < MEDIA_ROWS; i++)
        if (!medium_is_own(media[i].number) && near_is_nearer(word, media[i].word, least)) nearest = media[i].word;
    return nearest;
}

static const struct {
    const char *text, *words;
} sets[] = {
#define MEDIA_SET(name, text, words) {text, words},
#include "vm/media_sets.def"
};

/* Is the row the medium of this word? The word "own" means all media that the site names itself. */
static bool medium_is_named(uint32_t row, const char *word, size_t length)
{
    if (length == 3 && !strncmp(word, "own", length)) return medium_is_own(media[row].number);
    return strlen(media[row].word) == length && !strncmp(media[row].word, word, length);
}

struct media_set media_set(enum media_kind kind)
{
    struct media_set set = {{0}};
    const char *at = sets[kind].words;
    for (size_t length; *at; at += length + (at[length] == ' ')) {
        length = strcspn(at, " ");
        for (uint32_t i = 0; i < MEDIA_ROWS; i++)
            if (medium_is_named(i, at, length)) set = media_set_with(set, i, true);
    }
    return set;
}

/* Returns the text of a set in the table; for another set the word of its first medium. */
const char *media_set_text(struct media_set set)
{
    for (size_t kind = 0; kind < sizeof sets / sizeof *sets; kind++)
        if (media_set_equal(media_set((enum media_kind)kind), set)) return sets[kind].text;
    return media_word(set);
}

/* Is every medium of `set` in `needed`? If not, *missing is a medium that is not. An empty `needed` allows all
 * media. */
bool media_allow(struct media_set set, struct media_set needed, const char **missing)
{
    struct media_set others = media_set_but(set, needed);
    if (media_set_is_empty(needed) || media_set_is_empty(others)) return true;
    *missing = media_word(others);
    return false;
}

const char *media_word(struct media_set set)
{
    unsigned row = media_set_next(set, 0);
    return row < MEDIA_ROWS ? media[row].word : NULL;
}

struct media_set media_numbers(struct media_set set)
{
    struct media_set numbers = {{0}};
    EACH_MEDIUM(row, set) numbers = media_set_with(numbers, media[row].number, true);
    return numbers;
}

int64_t media_lifetime_s(struct media_set set)
{
    int64_t longest = 0;
    EACH_MEDIUM(row, set)
    if (media[row].lifetime_s > longest) longest = media[row].lifetime_s;
    return longest;
}
