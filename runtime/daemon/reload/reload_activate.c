/* runtime/daemon/reload/reload_activate.c - Loads one image, or activates it by hand at a routing point: finds the
 * image by the digits or the name that were given, and handles the result. */
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/run/arguments.h"
#include "runtime/host/real.h"
#include "runtime/journal/images.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

enum { DIGITS_LEAST = 6 };

/* Checks the image and makes it durable, since an event may name only durable images. */
static bool image_usable(const struct reload_world *world, const struct image *image, const char *name,
                         struct error *error)
{
    size_t length;
    const void *bytes = image_bytes(image, &length);
    return reload_sources_check(world->conf, image, name, error) &&
           engine_put_image(world->engine, image_hash(image), (struct span){bytes, (uint32_t)length}, error);
}

const struct image *reload_image(const struct reload_world *world, const char *file, struct error *error)
{
    assert(world && file);
    const struct image *image = programs_read(world->programs, file, error);
    return image && image_usable(world, image, file, error) ? image : NULL;
}

/* Checks whether `what` is the beginning of a hash. Its length, or 0. */
static size_t activate_digits_of(const char *what)
{
    size_t digits = strspn(what, "0123456789abcdef");
    bool whole = what[digits] == '\0' || what[digits] == ':';
    return whole && digits >= DIGITS_LEAST && digits <= 2 * IMAGE_HASH ? digits : 0;
}

/* True: the hash begins with these hexadecimal digits. */
static bool begins_with(const uint8_t *hash, const char *digits, size_t length)
{
    char whole[2 * IMAGE_HASH];
    assert(length <= sizeof whole);
    ident_print_hex(hash, IMAGE_HASH, whole);
    return memcmp(whole, digits, length) == 0;
}

/* Finds the only image whose hash begins with these digits. NULL with the reason. */
static const struct image *image_of_digits(struct programs *programs, const char *what, size_t digits,
                                           struct error *error)
{
    const struct image *image, *found = NULL;
    for (size_t i = 0; (image = images_at(programs_images(programs), i)); i++) {
        if (!begins_with(image_hash(image), what, digits)) continue;
        if (found && memcmp(image_hash(found), image_hash(image), IMAGE_HASH) != 0) {
            error_set(error, ERROR_INPUT, "more than one image begins with %.*s; give more digits", (int)digits, what);
            return NULL;
        }
        found = image;
    }
    if (!found)
        error_set(error, ERROR_UNKNOWN,
                  "no image begins with %.*s; `strategies` lists those that are known, `load FILE` makes one known",
                  (int)digits, what);
    return found;
}

const struct image *reload_image_of(struct programs *programs, const char *digits, struct error *error)
{
    size_t length = activate_digits_of(digits);
    if (length > 0 && digits[length] == '\0') return image_of_digits(programs, digits, length, error);
    error_set(error, ERROR_INPUT, "`%.64s` is no hash of %d digits or more; `versions` lists them", digits,
              DIGITS_LEAST);
    return NULL;
}

/* Finds an image with the strategy: the configuration's, else the one that became known last. */
static const struct image *image_of_strategy(const struct reload *reload, struct programs *programs, const char *name,
                                             struct error *error)
{
    uint32_t length = (uint32_t)strlen(name);
    const struct image *image, *found = NULL;
    for (size_t i = 0; i < reload->image_count; i++)
        if (image_strategy_named(reload->images[i], name, length)) return reload->images[i];
    for (size_t i = 0; (image = images_at(programs_images(programs), i)); i++)
        if (image_strategy_named(image, name, length)) found = image;
    if (!found && strchr(name, '/'))
        error_set(error, ERROR_UNKNOWN, "`%.200s` is a file: `load` it first, then activate its strategy or hash",
                  name);
    else if (!found)
        error_set(error, ERROR_UNKNOWN,
                  "`%.64s` is no strategy of a known image, nor a hash of %d digits or more; `strategies` lists them",
                  name, DIGITS_LEAST);
    return found;
}

/* Chooses the strategy in an image given by its hash: the one that is named, else the one that runs there, else the
 * image's only one. */
static bool strategy_of(const struct image *image, const char *said, const char *now, char name[NAME_MAX_BYTES + 1],
                        struct error *error)
{
    const char *wanted = said ? said : now;
    struct text only;
    if (image_strategy_named(image, wanted, (uint32_t)strlen(wanted))) {
        snprintf(name, NAME_MAX_BYTES + 1, "%s", wanted);
        return true;
    }
    if (!said && image_count(image, SECTION_STRATEGIES) == 1) {
        only = image_text(image, image_strategy(image, 0)->name);
        snprintf(name, NAME_MAX_BYTES + 1, "%.*s", (int)only.length, only.bytes);
        return true;
    }
    return error_set(error, ERROR_UNKNOWN, "that image has no strategy `%.64s`%s", wanted,
                     !said ? "; say which one it is to be, HASH:STRATEGY" : "");
}

/* A routing point of the core. */
struct point_look {
    const char *dn;
    char strategy[NAME_MAX_BYTES + 1]; /* the strategy that runs at the routing point, or "" */
    bool found;
};

/* On the core's thread. */
static void point_look(void *self, struct core *core)
{
    struct point_look *look = self;
    struct point_row row;
    for (uint32_t i = 0; !look->found && core_point(core, i, &row); i++) {
        if (!row.known || !span_is(row.dn, look->dn)) continue;
        look->found = true;
        snprintf(look->strategy, sizeof look->strategy, "%.*s", (int)row.strategy.length,
                 (const char *)row.strategy.bytes);
    }
}

/* Finds the routing point's row; if the files could not be loaded, only the core knows what is in force. */
static struct active *active_at(struct reload *reload, struct engine *engine, const char *point, struct error *error)
{
    struct point_look look = {.dn = point};
    struct active *active;
    for (size_t i = 0; i < reload->active_count; i++)
        if (strcmp(reload->active[i].dn, point) == 0) return &reload->active[i];
    engine_read(engine, point_look, &look);
    if (!look.found) {
        error_set(error, ERROR_UNKNOWN,
                  "there is no routing point `%.64s` in the directory; `routing-points` lists them", point);
        return NULL;
    }
    reload->active = memory_grown(reload->active, reload->active_count + 1, sizeof *reload->active);
    active = &reload->active[reload->active_count++];
    *active = (struct active){.dn = memory_text(point),
                              .strategy = memory_text(look.strategy),
                              .configured = memory_text(""),
                              .file = memory_text("")};
    kv_init(&active->given);
    return active;
}

/* Finds the image that `what` means, and the strategy in it. NULL with the reason. */
static const struct image *image_asked(const struct reload *reload, const struct reload_world *world,
                                       const struct active *active, const char *what, char strategy[NAME_MAX_BYTES + 1],
                                       struct error *error)
{
    const struct image *image = image_of_strategy(reload, world->programs, what, NULL);
    /* a strategy's name may look like digits of a hash, such as `facade` */
    size_t digits = !image ? activate_digits_of(what) : 0;
    const char *said = digits == 0 ? what : what[digits] == ':' ? what + digits + 1 : NULL;
    if (digits > 0)
        image = image_of_digits(world->programs, what, digits, error);
    else if (!image)
        image = image_of_strategy(reload, world->programs, what, error);
    if (!image || !strategy_of(image, said, active->strategy, strategy, error) ||
        !image_usable(world, image, what, error))
        return NULL;
    return image;
}

/* Returns the file of the configuration that has this image; empty: there is none. */
static const char *activate_file_of(const struct reload *reload, const struct conf *conf, const struct image *image)
{
    for (size_t i = 0; i < reload->image_count; i++)
        if (reload->images[i] == image) return conf->strategies[i];
    return "";
}

const struct image *reload_asked(struct reload *reload, const struct reload_world *world, const char *point,
                                 const char *what, char strategy[NAME_MAX_BYTES + 1], struct kv *given,
                                 struct error *error)
{
    assert(point && what && given);
    const struct active *active = active_at(reload, world->engine, point, error);
    const struct image *image = NULL;
    kv_init(given);
    if (!active) return NULL;
    if (what[0] != '/') {
        image = image_asked(reload, world, active, what, strategy, error);
    } else {
        image = reload_image(world, what, error);
        if (image && !strategy_of(image, NULL, active->strategy, strategy, error)) image = NULL;
    }
    if (image)
        arguments_select(image, image_strategy_named(image, strategy, (uint32_t)strlen(strategy)),
                         kv_span(&active->given), given);
    return image;
}

const struct active *reload_activate(struct reload *reload, const struct reload_world *world,
                                     const struct reload_activate *asked, const struct activation_asker *asker,
                                     struct error *error)
{
    assert(asked && asked->point && asked->what && asker);
    struct active *active = active_at(reload, world->engine, asked->point, error);
    struct activation kept = {.actor = asker->actor, .why = asker->why, .at_us = host_wall_clock_us()};
    char strategy[NAME_MAX_BYTES + 1];
    const struct image *image;
    bool by_hand;
    if (!active) return NULL;
    if (!world->activations) {
        error_set(error, ERROR_STATE, "activations.json in the state folder is damaged; mend or remove it, and reload");
        return NULL;
    }
    image = image_asked(reload, world, active, asked->what, strategy, error);
    if (!image) return NULL;
    by_hand = image != image_of_strategy(reload, world->programs, active->configured, NULL) ||
              strcmp(strategy, active->configured) != 0;
    kept.strategy = strategy;
    memcpy(kept.image, image_hash(image), IMAGE_HASH);
    if (!activations_set(world->activations, active->dn, by_hand ? &kept : NULL,
                         (struct activation_ask){asked->client, asked->req}, error))
        return NULL;
    free(active->strategy);
    free(active->file);
    active->strategy = memory_text(strategy);
    active->file = memory_text(by_hand ? "" : activate_file_of(reload, world->conf, image));
    active->by_hand = by_hand;
    memcpy(active->image, kept.image, IMAGE_HASH);
    reload->seq = reload_activate_point(world, active, asked->client, asked->req, asker);
    return active;
}

/* Makes a row from the configuration and the activation by hand. */
static void active_again(struct reload *reload, const struct reload_world *world, struct active *active)
{
    const struct image *image = image_of_strategy(reload, world->programs, active->configured, NULL);
    if (!image) { /* the files could not be loaded: only the core knows what is in force, and is asked later */
        free(active->dn);
        free(active->strategy);
        free(active->configured);
        free(active->file);
        kv_free(&active->given);
        *active = reload->active[--reload->active_count];
        return;
    }
    free(active->strategy);
    free(active->file);
    active->strategy = memory_text(active->configured);
    active->file = memory_text(activate_file_of(reload, world->conf, image));
    active->by_hand = false;
    memcpy(active->image, image_hash(image), IMAGE_HASH);
    reload_by_hand(reload, world, active);
}

bool reload_answered(struct reload *reload, const struct reload_world *world, struct activation_ask ask, bool good,
                     struct error *error)
{
    struct error why = {0};
    char *point = world->activations ? activations_settle(world->activations, ask, good, &why) : NULL;
    for (size_t i = 0; point && i < reload->active_count; i++) {
        if (strcmp(reload->active[i].dn, point) != 0) continue;
        active_again(reload, world, &reload->active[i]);
        break;
    }
    free(point);
    if (why.code != ERROR_NONE) error_set(error, why.code, "%s", why.text);
    return why.code == ERROR_NONE;
}
