/* compiler/check/own_media.c - Names of the site's own media, and what a declaration of one has to be. */
#include "compiler/check/own_media.h"

#include <string.h>

#include "compiler/check/checker.h"
#include "compiler/language/steps.h"

static int64_t own_number(const struct node *item)
{
    assert(item->kind == NODE_SITE_MEDIUM);
    return item->site_medium.number->kind == NODE_INTEGER ? item->site_medium.number->integer.value : 0;
}

/* From 0 on; MEDIA_OWN_MAX: it is none of them. */
static int own_of(const char *word)
{
    int own = 0;
    while (own < MEDIA_OWN_MAX && strcmp(media_own(own), word) != 0) own++;
    return own;
}

const char *own_media_numbered(const struct program *program, int64_t number)
{
    if (program->site)
        EACH_NODE (item, program->site->site.items)
            if (item->kind == NODE_SITE_MEDIUM && own_number(item) == number) return item->site_medium.name.text;
    return NULL;
}

const char *own_media_word(const struct program *program, const char *name)
{
    if (!name) return NULL;
    for (int own = 0; own < MEDIA_OWN_MAX; own++) {
        const char *declared = own_media_numbered(program, own + 1);
        if (declared && strcmp(declared, name) == 0) return media_own(own);
    }
    return own_of(name) < MEDIA_OWN_MAX ? "" : name;
}

const char *own_media_name(const struct program *program, const char *word)
{
    int own = own_of(word);
    return own < MEDIA_OWN_MAX ? own_media_numbered(program, own + 1) : word;
}

void own_media_check(struct checker *c, const struct node *site)
{
    EACH_NODE (item, site->site.items) {
        if (item->kind != NODE_SITE_MEDIUM) continue;
        struct word name = item->site_medium.name;
        int64_t number = own_number(item);
        const struct node *first = site->site.items.first;
        if (media_bit(name.text)) report(c, MEDIUM_NAMED, name.span, name.text);
        if (number < 1 || number > MEDIA_OWN_MAX)
            report(c, MEDIUM_NUMBER, item->site_medium.number->span, MEDIA_OWN_MAX);
        while (first != item && (first->kind != NODE_SITE_MEDIUM ||
                                 (own_number(first) != number && strcmp(first->site_medium.name.text, name.text) != 0)))
            first = first->next;
        if (first != item) diag_note(report(c, MEDIUM_TWICE, item->span), first->span, "here before");
    }
}
