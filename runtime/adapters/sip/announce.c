/* runtime/adapters/sip/announce.c - Looks up the sounds of an announcement.
 *
 * Values are tried in up to three languages; a language is used only if it has the sounds of all values:
 *
 *     the caller's language     rules de, pieces of the folder de
 *     the site's language       rules en, pieces of the folder en
 *     no folder at all          rules of the site's or caller's language, else English
 *
 * A listener so never hears "twelve" in one language and "euros" in another. If all three fail, the reason of the
 * first one is reported. */
#include "runtime/adapters/sip/announce.h"

#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/say.h"
#include "runtime/vocabulary/bytes.h"

enum { VALUE_SIZE = 256, MUSIC_FILES = 16 };

struct announcing {
    struct announcement *to;
    struct sounds *sounds;
    /* the language by whose rules values are said, and the folder of its sounds; "": outside all languages' folders */
    const char *rules, *folder;
    const char *caller, *site;
    char *why;
    size_t why_size;
};

bool announce_text(struct span params, const char *key, char *text, size_t size)
{
    struct kv_value value;
    *text = '\0';
    return kv_get(params, key, &value) && value.tag == KV_TEXT && text_set_span(text, size, value.span);
}

/* Gives back the references that the announcement holds to its sounds. */
void announce_release(struct announcement *announcement)
{
    for (unsigned i = 0; i < announcement->count; i++) sound_release(announcement->sounds[i]);
    announcement->count = 0;
}

bool announce_add(struct announcement *announcement, struct sound *sound, char *why, size_t why_size)
{
    if (announcement->count < ANNOUNCED_MAX) {
        announcement->sounds[announcement->count++] = sound;
        return true;
    }
    sound_release(sound);
    snprintf(why, why_size, "it has more than %d sounds", ANNOUNCED_MAX);
    return false;
}

/* Adds a sound that was looked up to the announcement; false: there is no such sound, or no room, and `why` says
 * which. */
static bool announce_found(struct announcing *announcing, struct sound *sound)
{
    return sound && announce_add(announcing->to, sound, announcing->why, announcing->why_size);
}

static bool announce_prompt(struct announcing *announcing, const char *name)
{
    return announce_found(announcing, sounds_prompt(announcing->sounds, name, announcing->caller, announcing->site,
                                                    announcing->why, announcing->why_size));
}

/* Adds the sounds of a value: pieces of number rules ("say_...") from the language's folder, other words as prompts. */
static bool announce_pieces(struct announcing *announcing, const struct pieces *pieces)
{
    bool good = true;
    for (unsigned i = 0; good && i < pieces->count; i++) {
        const char *name = pieces->names[i];
        good = strncmp(name, "say_", 4) == 0
                   ? announce_found(announcing, sounds_piece(announcing->sounds, name, announcing->folder,
                                                             announcing->why, announcing->why_size))
                   : announce_prompt(announcing, name);
    }
    return good;
}

/* Adds the sounds of a value, or of a choice if `key` is not 0. */
static bool announce_value(struct announcing *announcing, struct span value, unsigned key)
{
    char text[VALUE_SIZE];
    struct pieces pieces = {.count = 0};
    if (!text_set_span(text, sizeof text, value)) {
        snprintf(announcing->why, announcing->why_size, "a value is longer than can be said");
        return false;
    }
    bool said = key > 0 ? say_add_choice(announcing->rules, text, key, &pieces, announcing->why, announcing->why_size)
                        : say_add_value(announcing->rules, text, &pieces, announcing->why, announcing->why_size);
    return said && announce_pieces(announcing, &pieces);
}

/* Adds the sounds of all values and choices; choices have the keys 1 to 9 in the order of the list. A tenth choice
 * has no key and is not said. */
static bool announce_values(struct announcing *announcing, struct span params)
{
    struct kv_value list;
    struct kv_pair pair;
    uint32_t at = 0;
    unsigned key = 0;
    bool good = true;
    if (kv_get(params, "values", &list) && list.tag == KV_LIST)
        while (good && kv_next(list.span, &at, &pair))
            good = pair.value.tag == KV_TEXT && announce_value(announcing, pair.value.span, 0);
    at = 0;
    if (kv_get(params, "choices", &list) && list.tag == KV_LIST)
        while (good && kv_next(list.span, &at, &pair) && ++key <= 9)
            good = pair.value.tag == KV_TEXT && announce_value(announcing, pair.value.span, key);
    return good;
}

/* Adds all values by the rules of the language `rules`, with the sounds of the folder `folder`. False: a value failed,
 * and the sounds that were added are released. */
static bool announce_in(struct announcing *announcing, const char *rules, const char *folder, struct span params)
{
    struct announcement *to = announcing->to;
    unsigned before = to->count;
    announcing->rules = rules;
    announcing->folder = folder;
    if (say_language(rules) && announce_values(announcing, params)) return true;
    while (to->count > before) sound_release(to->sounds[--to->count]);
    return false;
}

/* Tries the languages in turn; if all fail, `why` is the reason of the first, the caller's language. */
static bool announce_all_values(struct announcing *announcing, struct span params)
{
    char later[512];
    const char *root = *announcing->site ? announcing->site : *announcing->caller ? announcing->caller : "en";
    if (announce_in(announcing, announcing->caller, announcing->caller, params)) return true;
    if (*announcing->why) {
        announcing->why = later;
        announcing->why_size = sizeof later;
    }
    if (announce_in(announcing, announcing->site, announcing->site, params)) return true;
    return announce_in(announcing, say_language(root) ? root : "en", "", params);
}

/* On failure the sounds that were added are released, so the caller never frees a half-made announcement. */
bool announce_make(struct announcement *announcement, struct sounds *sounds, struct span params, const char *language,
                   char *why, size_t why_size)
{
    char prompt[PIECE_SIZE * 2], site[PIECE_SIZE];
    struct announcing announcing = {announcement, sounds, "", "", language ? language : "", site, why, why_size};
    *why = '\0';
    announcement->count = 0;
    (void)announce_text(params, "site_language", site, sizeof site);
    bool good = !announce_text(params, "prompt", prompt, sizeof prompt) || announce_prompt(&announcing, prompt);
    if (good) *why = '\0'; /* the prompt was found: clears the reason of a language in which it was not */
    if (good && announce_all_values(&announcing, params)) {
        *why = '\0';
        return true;
    }
    announce_release(announcement);
    return false;
}

void announce_music(struct announcement *announcement, struct sounds *sounds, struct span params, const char *language)
{
    char prompt[PIECE_SIZE * 2], site[PIECE_SIZE], name[PIECE_SIZE * 2 + 16], why[512];
    struct sound *sound;
    (void)announce_text(params, "site_language", site, sizeof site);
    if (!announce_text(params, "prompt", prompt, sizeof prompt)) return;
    for (unsigned number = 2; number <= MUSIC_FILES; number++) {
        snprintf(name, sizeof name, "%s.%u", prompt, number);
        sound = sounds_prompt(sounds, name, language, site, why, sizeof why);
        if (!sound || !announce_add(announcement, sound, why, sizeof why)) return;
    }
}
