/* compiler/check/own_media.c - The names of the site's own media, and the rules for their declaration.
 *
 *     medium claims = 2;       strategies say "claims"; inside it is the own medium with index 1
 *
 * A site may name up to MEDIA_OWN_MAX media. Inside the program such media have words of their own, as own1, which
 * no author writes; these functions translate between both words, so that messages use the author's word. */
#include "compiler/check/own_media.h"

#include <string.h>

#include "compiler/check/checker.h"
#include "compiler/language/media.h"
#include "compiler/language/steps.h"
#include "base/near.h"

static int64_t own_number(const struct node *item)
{
    assert(item->kind == NODE_SITE_MEDIUM);
    return item->site_medium.number->kind == NODE_INTEGER ? item->site_medium.number->integer.value : 0;
}

static bool number_is_own(int64_t number)
{
    return number >= 1 && number <= MEDIA_OWN_MAX;
}

/* Returns the number of the site's own medium with this inner word, from 0 on; MEDIA_OWN_MAX: the word is none of
 * them. */
static unsigned own_of(const char *word)
{
    return own_of_medium(media_number(word));
}

const char *own_media_numbered(const struct program *program, int64_t number)
{
    if (program->site)
        EACH_NODE (item, program->site->site.items)
            if (item->kind == NODE_SITE_MEDIUM && own_number(item) == number) return item->site_medium.name.text;
    return NULL;
}

/* The word inside. "" where the author has written an inner word such as own1: it is no name of a medium. */
const char *own_media_word(const struct program *program, const char *name)
{
    if (!name) return NULL;
    if (program->site)
        EACH_NODE (item, program->site->site.items)
            if (item->kind == NODE_SITE_MEDIUM && !strcmp(item->site_medium.name.text, name) &&
                number_is_own(own_number(item)))
                return media_own((unsigned)own_number(item) - 1);
    return own_of(name) < MEDIA_OWN_MAX ? "" : name;
}

/* Returns the author's name of a medium; NULL: the site does not name it. */
static const char *own_media_name(const struct program *program, const char *word)
{
    unsigned own = own_of(word);
    return own < MEDIA_OWN_MAX ? own_media_numbered(program, own + 1) : word;
}

const char *own_media_said(const struct program *program, const char *word)
{
    const char *name = own_media_name(program, word);
    return name ? name : word;
}

/* Lists the words that a program may use: the product's media, and the own media that the site names. */
struct enumeration *own_media_words(struct arena *arena, const struct program *program)
{
    struct enumeration *media = step_enumeration_named(arena, "media");
    assert(media->count && !strcmp(media->words[0], "none"));
    const char **words = ARENA_ARRAY(arena, const char *, media->count);
    uint32_t *numbers = ARENA_ARRAY(arena, uint32_t, media->count), count = 0;
    for (uint32_t i = 1; i < media->count; i++)
        if ((words[count] = own_media_name(program, media->words[i]))) numbers[count++] = media->numbers[i];
    media->words = words, media->numbers = numbers, media->count = count;
    return media;
}

const char *own_media_near(const struct program *program, const char *name)
{
    uint32_t least = UINT32_MAX;
    const char *nearest = media_near(name, &least);
    if (program->site)
        EACH_NODE (item, program->site->site.items)
            if (item->kind == NODE_SITE_MEDIUM && number_is_own(own_number(item)) &&
                near_is_nearer(name, item->site_medium.name.text, &least))
                nearest = item->site_medium.name.text;
    return nearest;
}

void own_media_check(struct checker *c, const struct node *site)
{
    EACH_NODE (item, site->site.items) {
        if (item->kind != NODE_SITE_MEDIUM) continue;
        struct word name = item->site_medium.name;
        int64_t number = own_number(item);
        const struct node *first = site->site.items.first;
        if (media_is(name.text) || !strcmp(name.text, "call")) report(c, MEDIUM_NAMED, name.span, name.text);
        if (!number_is_own(number)) report(c, MEDIUM_NUMBER, item->site_medium.number->span, MEDIA_OWN_MAX);
        while (first != item && (first->kind != NODE_SITE_MEDIUM ||
                                 (own_number(first) != number && strcmp(first->site_medium.name.text, name.text) != 0)))
            first = first->next;
        if (first != item) diag_note(report(c, MEDIUM_TWICE, item->span), first->span, "here before");
    }
}
