/* runtime/daemon/links/link_names.c - Gives each link's name its number, and keeps out the links that broke the
 * protocol.
 *
 * A name keeps its number as long as there are unused numbers. The number of a name that the configuration no longer
 * has is used again when no unused number is left and the core has nothing left that would use it: events and
 * ConnIDs of the new name continue after those of the old one. */
#include "runtime/daemon/links/links_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/read/read.h"
#include "runtime/host/real.h"
#include "base/file.h"
#include "base/memory.h"

enum {
    NAMES_MAX = 4096,
    LINKS_END = SOURCE_LINKS + LINKS_MAX,
    FORGIVEN_US = 60000000, /* how long a name is kept out after its last breach of the protocol */
};

static struct name *link_names_name_add(struct daemon_links *links, const char *text, unsigned link)
{
    struct name *name;
    links->names = reallocarray(links->names, links->name_count + 1, sizeof *links->names);
    if (!links->names) abort();
    name = &links->names[links->name_count++];
    *name = (struct name){
        .text = memory_text(text), .link = link, .since_us = host_wall_clock_us(), .changed_us = host_monotonic_us()};
    return name;
}

struct name *name_find(struct daemon_links *links, struct span text)
{
    for (size_t i = 0; i < links->name_count; i++)
        if (span_is(text, links->names[i].text)) return &links->names[i];
    return NULL;
}

struct name *name_of_link(struct daemon_links *links, unsigned link)
{
    for (size_t i = 0; i < links->name_count; i++)
        if (links->names[i].link == link) return &links->names[i];
    return NULL;
}

/* Reads the file of numbers and names, as they were given so far. */
static bool names_load(struct daemon_links *links, struct error *error)
{
    FILE *file = fopen(links->file, "re");
    unsigned link;
    char text[65];
    if (!file) {
        if (errno == ENOENT) return true;
        return error_set(error, ERROR_SYSTEM, "%s: %s", links->file, strerror(errno));
    }
    while (links->name_count < NAMES_MAX && fscanf(file, "%u %64s\n", &link, text) == 2) {
        if (link < SOURCE_LINKS || link > UINT16_MAX || name_of_link(links, link)) break;
        /* a number from LINKS_END on is skipped: the core has never seen one of these */
        if (link < LINKS_END) link_names_name_add(links, text, link);
    }
    if (!feof(file)) {
        error_set(error, ERROR_INPUT, "%s: line %zu is no number and name of a link", links->file,
                  links->name_count + 1);
        fclose(file);
        return false;
    }
    fclose(file);
    return true;
}

/* Saves the file; a number is durable before the first event of a new link. */
static bool names_save(const struct daemon_links *links, struct error *error)
{
    char *fresh;
    FILE *file;
    bool good = false;
    fresh = memory_format("%s.new", links->file);
    file = fopen(fresh, "we");
    if (file) {
        for (size_t i = 0; i < links->name_count; i++)
            if (links->names[i].link != 0) fprintf(file, "%u %s\n", links->names[i].link, links->names[i].text);
        good = fflush(file) == 0 && fsync(fileno(file)) == 0;
        good = fclose(file) == 0 && good;
        good = good && rename(fresh, links->file) == 0 && file_synced(links->options.conf->state);
    }
    if (!good) error_set(error, ERROR_SYSTEM, "%s: %s", links->file, strerror(errno));
    free(fresh);
    return good;
}

static void link_name_drop(struct daemon_links *links, size_t at)
{
    free(links->names[at].text);
    links->names[at] = links->names[--links->name_count];
}

/* True: the core still uses the number of the name, and knows it under this name. */
static bool name_is_in_use(struct core *core, const struct name *name)
{
    struct span called;
    return core_link_name(core, name->link, &called) && span_is(called, name->text) &&
           !core_link_is_free(core, name->link);
}

/* A number that the core still uses belongs to the name with which the link came up, whatever the file says: a file
 * that was cut short or lost would give the number to another adapter, and the calls there would belong to nobody. */
static void names_mend(void *self, struct core *core)
{
    struct daemon_links *links = self;
    struct span called;
    bool there = access(links->file, F_OK) == 0; /* false: no file yet, as on a machine that takes over the lead */
    for (unsigned link = SOURCE_LINKS; link < LINKS_END; link++) {
        if (!core_link_name(core, link, &called) || core_link_is_free(core, link)) continue;
        const struct name *name = name_of_link(links, link);
        if (name && span_is(called, name->text)) continue;
        const struct name *own = name_find(links, called);
        if (own && own->link != link && name_is_in_use(core, own)) continue; /* its calls are there */
        char *text = memory_format("%.*s", (int)called.length, (const char *)called.bytes);
        if (there)
            log_line(links->options.log, LOG_LEVEL_ERROR, "links", 0, 0,
                     "%s is damaged: it has not that %s is link %u, as the journal says, which counts", links->file,
                     text, link);
        for (size_t at = links->name_count; at-- > 0;)
            if (links->names[at].link == link || strcmp(links->names[at].text, text) == 0) link_name_drop(links, at);
        link_names_name_add(links, text, link);
        free(text);
        links->mended = true;
    }
}

struct number_search { /* for a number */
    struct daemon_links *links;
    struct name *name, *gone; /* gone: the name that had the number until now, or NULL */
    bool found;
};

/* Finds a number that no name ever had, or the number of a removed name that the core no longer uses. */
static void number_give(void *self, struct core *core)
{
    struct number_search *search = self;
    struct name *gone = NULL;
    unsigned link = SOURCE_LINKS;
    struct span called; /* a number may be in use although no line of the file has it */
    while (link < LINKS_END && (name_of_link(search->links, link) ||
                                (core_link_name(core, link, &called) && !core_link_is_free(core, link))))
        link++;
    for (unsigned used = SOURCE_LINKS; link == LINKS_END && used < LINKS_END; used++) {
        gone = name_of_link(search->links, used);
        if (gone && !gone->configured && core_link_is_free(core, used)) link = used;
    }
    search->found = link < LINKS_END;
    if (!search->found) return;
    search->gone = gone;
    if (gone) gone->link = 0;
    search->name->link = link;
    search->name->committed = search->name->taken = search->name->began = core_last_seq(core, link);
}

/* False: no number is free now. `gone`: the name that had the number until now, or NULL. */
static bool number_find(struct daemon_links *links, struct name *name, struct name **gone)
{
    struct number_search search = {.links = links, .name = name};
    engine_read(links->options.engine, number_give, &search);
    if (search.found) engine_name_link(links->options.engine, name->link, name->text);
    *gone = search.gone;
    return search.found;
}

/* Undoes the choice, since it could not be saved: in the file the number still belongs to the removed name. */
static void number_back(struct daemon_links *links, struct name *name, struct name *gone)
{
    if (gone) {
        gone->link = name->link;
        engine_name_link(links->options.engine, gone->link, gone->text);
    }
    name->link = 0;
}

bool name_number(struct daemon_links *links, struct name *name, struct error *error)
{
    struct name *gone;
    if (name->link != 0) return true;
    if (number_find(links, name, &gone)) {
        if (names_save(links, error)) return true;
        number_back(links, name, gone);
        return false;
    }
    return error_set(
        error, ERROR_LIMIT,
        "all %d numbers of links are taken: that of an adapter which is gone from the configuration is free when "
        "its last call is over",
        LINKS_MAX);
}

static void committed_read(void *self, struct core *core)
{
    struct daemon_links *links = self;
    for (size_t i = 0; i < links->name_count; i++) {
        struct name *name = &links->names[i];
        name->committed = name->taken = core_last_seq(core, name->link);
        name->expected = name->link != 0 && strcmp(core_link_state(core, name->link), "down") != 0;
    }
}

bool names_open(struct daemon_links *links, struct error *error)
{
    const struct conf *conf = links->options.conf;
    struct name *gone; /* if the file cannot be saved, opening fails */
    if (!names_load(links, error)) return false;
    engine_read(links->options.engine, names_mend, links);
    bool added = links->mended;
    for (size_t i = 0; i < conf->adapter_count; i++) {
        struct name *name = name_find(links, span_of(conf->adapters[i].name));
        if (!name) name = link_names_name_add(links, conf->adapters[i].name, 0);
        name->configured = true;
    }
    for (size_t i = 0; i < links->name_count; i++)
        if (links->names[i].link != 0)
            engine_name_link(links->options.engine, links->names[i].link, links->names[i].text);
    engine_read(links->options.engine, committed_read, links);
    /* A name without a number is let in once a number is free. */
    for (size_t i = 0; i < links->name_count; i++)
        if (links->names[i].configured && links->names[i].link == 0)
            added = number_find(links, &links->names[i], &gone) || added;
    return !added || names_save(links, error);
}

/* How long the name is still kept out for its breaches: as long as a process would wait that has ended so often. */
uint64_t name_barred_for(const struct name *name, const struct conf_adapter *conf, uint64_t now_us)
{
    uint64_t pause_us = conf->restart_ms * 1000, most_us = conf->restart_max_ms * 1000;
    if (name->breaches == 0) return 0;
    for (unsigned i = 1; i < name->breaches && pause_us < most_us; i++) pause_us *= 2;
    if (pause_us > most_us) pause_us = most_us;
    return name->breach_us + pause_us > now_us ? name->breach_us + pause_us - now_us : 0;
}

void name_breach(struct name *name, uint64_t now_us)
{
    if (now_us - name->breach_us >= FORGIVEN_US) name->breaches = 0;
    name->breaches++;
    name->breach_us = now_us;
}
