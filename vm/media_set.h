/* vm/media_set.h - A set of media: one bit for each possible number of a medium. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    MEDIA_KINDS = 256, /* possible numbers of a medium: a byte */
    MEDIA_WORDS = MEDIA_KINDS / 64,
    MEDIA_OWN_MAX = 195, /* most media that a site can define */
};

/* Returns the number of one of the site's own media, counted from 0: they have the numbers 12 to 15, and those from
 * 64 on. The media that gcx itself defines have the other numbers. */
static inline unsigned medium_of_own(unsigned own)
{
    return own < 4 ? 12 + own : 60 + own;
}

/* Returns which of the site's own media the medium is; MEDIA_OWN_MAX: none of them. */
static inline unsigned own_of_medium(unsigned medium)
{
    return medium >= 64 ? medium - 60 : medium >= 12 && medium < 16 ? medium - 12 : MEDIA_OWN_MAX;
}

static inline bool medium_is_own(unsigned medium)
{
    return own_of_medium(medium) < MEDIA_OWN_MAX;
}

struct media_set {
    uint64_t words[MEDIA_WORDS];
};
static_assert((int)MEDIA_WORDS == 4, "has_medium() knows the words one by one");

/* The word is chosen by comparisons: an index would make compilers copy the whole set first. The media that
 * gcx itself defines have numbers below 64: they are in the first word. */
static inline bool has_medium(struct media_set set, unsigned medium)
{
    uint64_t word = set.words[0];
    if (medium >= 64) word = medium < 128 ? set.words[1] : medium < 192 ? set.words[2] : set.words[3];
    return (word >> medium % 64 & 1u) != 0;
}

static inline struct media_set media_set_with(struct media_set set, unsigned medium, bool in)
{
    uint64_t bit = UINT64_C(1) << medium % 64, *word = &set.words[medium / 64];
    *word = in ? *word | bit : *word & ~bit;
    return set;
}

static inline struct media_set media_set_one(unsigned medium)
{
    return media_set_with((struct media_set){{0}}, medium, true);
}

static inline struct media_set media_set_all(void)
{
    struct media_set all;
    for (unsigned at = 0; at < MEDIA_WORDS; at++) all.words[at] = UINT64_MAX;
    return all;
}

/* Returns the media with numbers below `limit`. */
static inline struct media_set media_set_until(unsigned limit)
{
    struct media_set set = {{0}};
    for (unsigned medium = 0; medium < limit; medium++) set = media_set_with(set, medium, true);
    return set;
}

/* Return the media of either set; of both sets; of the first set that are not in the second. */
static inline struct media_set media_set_or(struct media_set set, struct media_set other)
{
    for (unsigned at = 0; at < MEDIA_WORDS; at++) set.words[at] |= other.words[at];
    return set;
}

static inline struct media_set media_set_and(struct media_set set, struct media_set other)
{
    for (unsigned at = 0; at < MEDIA_WORDS; at++) set.words[at] &= other.words[at];
    return set;
}

static inline struct media_set media_set_but(struct media_set set, struct media_set other)
{
    for (unsigned at = 0; at < MEDIA_WORDS; at++) set.words[at] &= ~other.words[at];
    return set;
}

static inline bool media_set_is_empty(struct media_set set)
{
    uint64_t any = 0;
    for (unsigned at = 0; at < MEDIA_WORDS; at++) any |= set.words[at];
    return any == 0;
}

static inline bool media_set_equal(struct media_set set, struct media_set other)
{
    uint64_t differ = 0;
    for (unsigned at = 0; at < MEDIA_WORDS; at++) differ |= set.words[at] ^ other.words[at];
    return differ == 0;
}

/* Returns the lowest medium of the set from `from` on; MEDIA_KINDS: there is none. */
static inline unsigned media_set_next(struct media_set set, unsigned from)
{
    for (unsigned at = from / 64; at < MEDIA_WORDS; at++) {
        uint64_t word = at == from / 64 ? set.words[at] >> from % 64 << from % 64 : set.words[at];
        if (word != 0) return at * 64 + (unsigned)__builtin_ctzll(word);
    }
    return MEDIA_KINDS;
}

#define EACH_MEDIUM(medium, set)                                                                                       \
    for (unsigned medium = media_set_next(set, 0); medium < MEDIA_KINDS; medium = media_set_next(set, medium + 1))
