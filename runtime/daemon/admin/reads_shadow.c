/* runtime/daemon/admin/reads_shadow.c - Answers gcxtwin, which plays a shadow: where the journal is, which loaded image
 * a word means, and which libraries of natives the images may call.
 *
 * gcxtwin plays another version of a strategy beside gcxvm. It repeats the request while it plays, so that `versions`
 * shows the shadow and its counts; its connection's end ends the shadow (admin.c). Nothing here changes the core. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/admin/reads_json.h"
#include "runtime/journal/images.h"
#include "runtime/vocabulary/ident.h"

enum { SHADOW_DIGITS_LEAST = 4 };

/* Finds the image that `what` names: by a strategy, the one that became known last, or by the first digits of its hash.
 * NULL: there is none, or several begin with the digits. */
static const struct image *shadow_image(const struct daemon *daemon, const char *what)
{
    const struct image *image, *by_name = NULL, *by_digits = NULL;
    size_t length = strlen(what);
    char digits[2 * IMAGE_HASH];
    bool twice = false;
    for (size_t i = 0; (image = images_at(programs_images(daemon->programs), i)); i++) {
        ident_print_hex(image_hash(image), IMAGE_HASH, digits);
        if (image_strategy_named(image, what, (uint32_t)length)) by_name = image;
        if (length < SHADOW_DIGITS_LEAST || length > sizeof digits || memcmp(digits, what, length) != 0) continue;
        twice = twice || by_digits;
        by_digits = image;
    }
    return by_name ? by_name : twice ? NULL : by_digits;
}

json_t *reads_state_folder(const struct conf *conf)
{
    char whole[PATH_MAX];
    return json_text_of(span_of(realpath(conf->state, whole) ? whole : conf->state));
}

void reads_shadow_fill(struct asking *asking)
{
    const struct conf *conf = asking->daemon->conf;
    json_t *natives = json_array();
    const char *what = reads_asked_text(asking, "image");
    const struct image *image = what ? shadow_image(asking->daemon, what) : NULL;
    for (size_t i = 0; i < conf->native_count; i++)
        for (size_t k = 0; k < conf->natives[i].library_count; k++) {
            json_t *object = json_object();
            json_put(object, "name", json_text_of(span_of(conf->natives[i].name)));
            json_put(object, "path", json_text_of(span_of(conf->natives[i].libraries[k])));
            json_append(natives, object);
        }
    json_put(asking->into, "state", reads_state_folder(conf));
    json_put_hash(asking->into, "image", image ? image_hash(image) : NULL);
    json_put(asking->into, "natives", natives);
}

/* Tells gcxtwin what-if where the configuration is, which names the journal. */
void reads_what_if_fill(struct asking *asking)
{
    const struct conf *conf = asking->daemon->conf;
    char whole[PATH_MAX];
    json_put(asking->into, "config", json_text_of(span_of(realpath(conf->file, whole) ? whole : conf->file)));
}
