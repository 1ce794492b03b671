/* runtime/adapters/sip/look.c - The exchange's part of `gcxvm --check`: can calls come from a number to an agent, to
 * a default destination, and from a campaign to the outside? The functions that serve calls decide. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/look.h"
#include "runtime/adapters/sip/sound.h"
#include "runtime/adapters/sip/speech.h"
#include "runtime/vocabulary/dialled.h"

enum { SHOWN = 3, FILES_OF_CALL = 2, FILES_OF_ALL = 64, POINTS_MET = 64, MEGABYTE = 1024 * 1024 };

/* Is the exchange the only switch of the site? If it is not, another switch may do what the exchange cannot. */
static bool is_alone(const struct gcx_look *look)
{
    return look_switches(look) <= 1;
}

/* ---- numbers and routing points ---- */

/* Warns of a number whose routing point the site does not serve: a call to that number would ring nowhere. */
static void numbers_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    const struct sip_setting *setting = world->setting;
    struct gcx_site_name found;
    for (unsigned i = 0; i < setting->number_count; i++) {
        const struct number *row = &setting->all_numbers[i];
        bool other = look_site_has(look, "dn", row->point, &found) && strcmp(found.of, "external_routing_point") == 0;
        if (!other && !look_site_has(look, "point", row->point, &found))
            look_tell(look, CHECK_number_point, "numbers", LOOK_WORDS(row->number, row->point));
        else if (!other && strcmp(row->number, row->point) != 0)
            look_point(look, "numbers", row->point,
                       "voice"); /* a routing point of the same name as its number may only dial out */
    }
    look_numbers(look, "numbers", setting->numbers);
    if (setting->number_count > 0 && setting->trunk_count == 0)
        look_tell(look, CHECK_number_trunk, "trunks", LOOK_WORDS("numbers"));
}

/* Warns of strategies that play something to calls that are redirected (`redirects`): such calls are not answered,
 * so the caller hears nothing. */
static void redirects_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    struct gcx_site_name point, step;
    for (size_t i = 0; look->site(look->self, "point", i, &point); i++) {
        if (!setting_redirects(world->setting, point.name)) continue;
        for (size_t k = 0; look->site(look->self, "plays", k, &step); k++)
            if (strcmp(step.of, point.of) == 0)
                look_tell(look, CHECK_redirect_plays, "redirects", LOOK_WORDS(step.where, step.name, point.name));
    }
}

/* Warns of an emergency number whose destination is no routing point, no telephone and not dialable: that may be a
 * misspelt routing point, which would be dialled outside, since `emergency` needs no `dialable`. */
static void emergencies_look(const struct look_world *world)
{
    const struct sip_setting *setting = world->setting;
    enum { SERVICE_DIGITS = 3 }; /* 112, 110, 911, 999: a longer number is an ordinary telephone number */
    struct gcx_site_name found;
    for (unsigned i = 0; i < setting->emergency_count; i++) {
        const struct number *row = &setting->emergencies[i];
        if (setting_is_point(setting, row->point)) {
            if (look_site_has(world->look, "point", row->point, &found))
                look_point(world->look, "emergency", row->point, "voice");
        } else if (strcmp(row->number, row->point) != 0 && strlen(row->point) > SERVICE_DIGITS &&
                   !setting_dialable(setting, row->point) && !telephones_find(world->telephones, row->point))
            look_tell(world->look, CHECK_emergency_outside, "emergency", LOOK_WORDS(row->number, row->point));
    }
}

/* ---- destinations ---- */

/* Does a call to that number end: ring at a telephone, or leave by a trunk? False for a routing point: from there
 * the call would be routed again. */
static bool call_ends_at(const struct look_world *world, const char *to)
{
    return telephones_find(world->telephones, to) || setting_dials(world->setting, to);
}

static bool exchange_reaches(const struct look_world *world, const char *to)
{
    return setting_is_point(world->setting, to) || call_ends_at(world, to);
}

/* Reports a destination that cannot be reached, and what would help: for a text that is no number, settings of trunks
 * would not. */
static void dead_end_tell(const struct look_world *world, enum look_check check, const char *to, const char *of,
                          const char *where)
{
    const struct sip_setting *setting = world->setting;
    const char *cure = !dialled_is_writable(to)     ? "give it a line in `telephones`, or name another destination"
                       : setting->outlet_count == 0 ? "set `outbound` and `dialable`, or give it a line in `telephones`"
                                                    : "add it to `dialable`, or give it a line in `telephones`";
    const char *key = dialled_is_writable(to) && setting->outlet_count > 0 ? "dialable" : "outbound";
    look_tell(world->look, check, key, LOOK_WORDS(where, of, to, cure));
}

/* The routing points that a search has passed already. */
struct met {
    char names[POINTS_MET][NAME_SIZE];
    unsigned count;
};

/* Does some default destination of the routing point, directly or by further routing points, end at a telephone or a
 * trunk? After the routing point's own defaults come those of the adapter. The search remembers which routing points it
 * has passed, so that a circle of defaults ends it. If there are more points than the search can remember, the answer
 * is true: a check must not warn of what it does not know. */
static bool defaults_end(const struct look_world *world, const char *point, struct met *met)
{
    struct gcx_site_name to;
    char own[NAME_SIZE];
    bool fits, ends = false;
    for (unsigned i = 0; i < met->count; i++)
        if (strcmp(met->names[i], point) == 0) return false;
    /* true, since the search has no room for more points, and cannot know what they lead to */
    if (met->count == POINTS_MET) return true;
    snprintf(met->names[met->count++], NAME_SIZE, "%s", point);
    for (size_t i = 0; world->look->site(world->look->self, "default", i, &to) && !ends; i++) {
        if (strcmp(to.of, point) != 0) continue;
        snprintf(own, sizeof own, "%s", to.name); /* copied, because the next search overwrites the name */
        ends = call_ends_at(world, own) || (setting_is_point(world->setting, own) && defaults_end(world, own, met));
    }
    for (const char *list = world->setting->defaults; !ends && setting_list_word(&list, own, sizeof own, &fits);)
        ends = fits &&
               (call_ends_at(world, own) || (setting_is_point(world->setting, own) && defaults_end(world, own, met)));
    return ends;
}

/* Checks the default destinations of a routing point, where its callers go as a last resort: its own, then the
 * adapter's. */
static void defaults_look(const struct look_world *world, const struct gcx_site_name *point)
{
    const struct gcx_look *look = world->look;
    struct gcx_site_name to, campaign;
    char own[NAME_SIZE];
    unsigned named = 0, good = 0;
    bool fits;
    for (size_t i = 0; look->site(look->self, "default", i, &to); i++)
        if (strcmp(to.of, point->name) == 0) named++, good += exchange_reaches(world, to.name);
    for (const char *list = world->setting->defaults; setting_list_word(&list, own, sizeof own, &fits);)
        named++, good += fits && exchange_reaches(world, own);
    if (named == 0 && !look_site_has(look, "campaign", point->name, &campaign))
        look_tell(look, CHECK_default_none, "numbers", LOOK_WORDS(point->where, point->name));
    if (good > 0 && !defaults_end(world, point->name, &(struct met){.count = 0}))
        look_tell(look, CHECK_default_circle, "numbers", LOOK_WORDS(point->where, point->name));
    enum look_check check = good == 0 ? CHECK_default_dead : CHECK_default_one_dead;
    for (size_t i = 0; look->site(look->self, "default", i, &to); i++)
        if (strcmp(to.of, point->name) == 0 && !exchange_reaches(world, to.name))
            dead_end_tell(world, check, to.name, point->name, to.where);
    for (const char *list = world->setting->defaults; setting_list_word(&list, own, sizeof own, &fits);)
        if (fits && !exchange_reaches(world, own)) dead_end_tell(world, check, own, point->name, "defaults");
}

static void destinations_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    struct gcx_site_name name;
    for (size_t i = 0; look->site(look->self, "point", i, &name); i++)
        if (setting_is_point(world->setting, name.name)) defaults_look(world, &name);
    if (!is_alone(look)) return;
    for (size_t i = 0; look->site(look->self, "destination", i, &name); i++)
        if (!exchange_reaches(world, name.name)) dead_end_tell(world, CHECK_route_dead, name.name, name.of, name.where);
}

/* ---- prompts ---- */

/* Is there a sound of that name in some language, that is, in a folder within the folder of prompts? */
static bool in_some_language(struct sounds *sounds, const char *folder, const char *name, char *language, size_t size)
{
    char why[LOOK_TEXT];
    DIR *listed = opendir(folder);
    struct sound *sound = NULL;
    for (struct dirent *entry; listed && !sound && (entry = readdir(listed));) {
        sound = sounds_piece(sounds, name, entry->d_name, why, sizeof why);
        snprintf(language, size, "%s", entry->d_name);
    }
    if (listed) closedir(listed);
    bool found = sound != NULL;
    sound_release(sound);
    return found;
}

/* Warns if strategies say numbers, dates or choices, but no language has pieces for them: every language that has
 * pieces has the number one. */
static void pieces_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    const char *folder = world->setting->prompts;
    struct gcx_site_name values;
    char why[LOOK_TEXT], language[256];
    struct sounds *sounds = sounds_new(folder);
    struct sound *sound = *folder ? sounds_piece(sounds, "say_1", "", why, sizeof why) : NULL;
    bool some = sound || (*folder && in_some_language(sounds, folder, "say_1", language, sizeof language));
    for (size_t i = 0; !some && is_alone(look) && look->site(look->self, "values", i, &values); i++)
        look_tell(look, CHECK_prompt_pieces, "prompts",
                  LOOK_WORDS(values.where, values.name,
                             *folder ? "put the pieces into the folder of prompts"
                                     : "set `prompts` to a folder that has them"));
    sound_release(sound);
    sounds_free(sounds);
}

static void prompts_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    const char *folder = world->setting->prompts;
    struct gcx_site_name prompt, language, say;
    char why[LOOK_TEXT], other[256];
    bool mute = !*world->setting->tts && is_alone(look);
    for (size_t i = 0; mute && look->site(look->self, "said", i, &say); i++)
        look_tell(look, CHECK_say_tts, "tts", LOOK_WORDS(say.where));
    if (speech_is_web(world->setting->tts)) look_url(look, "tts", world->setting->tts);
    bool spoken = look->site(look->self, "language", 0, &language);
    if (!*folder && look->site(look->self, "prompt", 0, &prompt)) {
        /* with no folder of prompts here, another switch may have the prompts */
        if (is_alone(look)) look_tell(look, CHECK_prompt_folder, "prompts", LOOK_WORDS(prompt.where, prompt.name));
        return;
    }
    struct sounds *sounds = sounds_new(folder);
    for (size_t i = 0; look->site(look->self, "prompt", i, &prompt); i++) {
        struct sound *sound = sounds_prompt(sounds, prompt.name, spoken ? language.name : "", "", why, sizeof why);
        if (!sound && in_some_language(sounds, folder, prompt.name, other, sizeof other))
            look_tell(look, CHECK_prompt_language, "prompts", LOOK_WORDS(prompt.where, prompt.name, other));
        else if (!sound)
            look_tell(look, CHECK_prompt_sound, "prompts", LOOK_WORDS(prompt.where, prompt.name, why));
        sound_release(sound);
    }
    sounds_free(sounds);
}

/* ---- telephones ---- */

/* A few names of many, for a message that people read. */
struct some {
    char list[256], count[16];
    unsigned all;
};

static void some_add(struct some *some, const char *name)
{
    size_t length = strlen(some->list);
    if (some->all++ < SHOWN)
        snprintf(some->list + length, sizeof some->list - length, "%s%.60s", length ? ", " : "", name);
    snprintf(some->count, sizeof some->count, "%u", some->all);
}

static bool is_telephone_row(const struct gcx_site_name *dn)
{
    return strcmp(dn->of, "extension") == 0 || strcmp(dn->of, "position") == 0;
}

static void telephones_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    struct gcx_site_name dn;
    struct some lacking = {.all = 0}, strange = {.all = 0};
    bool listed = false; /* the directory has telephones */
    for (size_t i = 0; look->site(look->self, "dn", i, &dn); i++) {
        listed |= is_telephone_row(&dn);
        if (is_telephone_row(&dn) && !exchange_reaches(world, dn.name)) some_add(&lacking, dn.name);
    }
    for (unsigned i = 0; listed && i < world->telephones->count; i++)
        if (!look_site_has(look, "dn", world->telephones->all[i].dn, &dn))
            some_add(&strange, world->telephones->all[i].dn);
    if (lacking.all > 0 && is_alone(look))
        look_tell(look, CHECK_telephone_account, "telephones", LOOK_WORDS(lacking.count, lacking.list));
    if (strange.all > 0) look_tell(look, CHECK_telephone_dn, "telephones", LOOK_WORDS(strange.count, strange.list));
}

/* ---- campaigns ---- */

/* Does the exchange dial the number for a strategy? For a strategy the exchange dials neither its own telephones nor
 * emergency numbers. */
static bool point_dials(const struct look_world *world, const char *number)
{
    return world->setting->outlet_count > 0 && setting_dialable(world->setting, number) &&
           !telephones_find(world->telephones, number);
}

/* Warns of numbers in a campaign's list that the exchange would not dial: they would be tried in vain, one after
 * another. */
static void list_look(const struct look_world *world, const struct gcx_site_name *campaign)
{
    const struct gcx_look *look = world->look;
    struct gcx_site_name number;
    unsigned all = 0, refused = 0;
    char shown[NAME_SIZE] = "", counts[2][16];
    for (size_t i = 0; look->site(look->self, "number", i, &number); i++) {
        if (strcmp(number.of, campaign->name) != 0) continue;
        all++;
        if (point_dials(world, number.name)) continue;
        refused++;
        snprintf(shown, sizeof shown, "%s", number.name);
    }
    snprintf(counts[0], sizeof counts[0], "%u", refused);
    snprintf(counts[1], sizeof counts[1], "%u", all);
    if (refused > 0)
        look_tell(look, refused == all ? CHECK_campaign_dialable : CHECK_campaign_some, "dialable",
                  LOOK_WORDS(campaign->name, counts[0], counts[1], shown));
}

static void campaigns_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    const struct sip_setting *setting = world->setting;
    struct gcx_site_name campaign;
    if (!is_alone(look)) return;
    for (size_t i = 0; look->site(look->self, "campaign", i, &campaign); i++)
        if (!setting_is_point(setting, campaign.name))
            look_tell(look, CHECK_campaign_point, "numbers", LOOK_WORDS(campaign.name));
        else if (setting->outlet_count == 0)
            look_tell(look, CHECK_campaign_outbound, "outbound", LOOK_WORDS(campaign.name));
        else if (!*setting->dialable)
            look_tell(look, CHECK_campaign_nothing, "dialable", LOOK_WORDS(campaign.name));
        else
            list_look(world, &campaign);
}

static void promises_look(const struct look_world *world)
{
    const struct sip_setting *setting = world->setting;
    struct gcx_site_name step;
    bool any = dialled_is_allowed(setting->dialable, "0") && dialled_is_allowed(setting->dialable, "+");
    if (any || setting->outlet_count == 0 || !is_alone(world->look)) return;
    if (world->look->site(world->look->self, "promise", 0, &step))
        look_tell(world->look, CHECK_callback_outside, "dialable", LOOK_WORDS(step.where, step.name));
}

/* May any number that begins with these digits be dialled? Both the beginning and the entry may be patterns: the
 * beginning `+49` fits the entry `+4930*`, and `+4930` fits `+49*`. The two beginnings are compared up to the length of
 * the shorter one. */
static bool beginning_dials(const struct look_world *world, const char *beginning)
{
    static const char between[] = ", \t\n";
    const char *list = world->setting->dialable;
    for (list += strspn(list, between); *list; list += strspn(list, between)) {
        size_t length = strcspn(list, between), own = list[length - 1] == '*' ? length - 1 : length;
        size_t both = strlen(beginning) < own ? strlen(beginning) : own;
        if (strncmp(list, beginning, both) == 0 && (list[length - 1] == '*' || strlen(beginning) <= own)) return true;
        list += length;
    }
    return false;
}

/* Warns of rows of the table `outside` that allow numbers of which the exchange can dial none. */
static void outside_rows_look(const struct look_world *world)
{
    struct gcx_site_name row;
    if (world->setting->outlet_count == 0 || !is_alone(world->look)) return;
    for (size_t i = 0; world->look->site(world->look->self, "allowed", i, &row); i++)
        if (!beginning_dials(world, row.name))
            look_tell(world->look, CHECK_outside_dead, "dialable", LOOK_WORDS(row.name));
}

static void literals_look(const struct look_world *world)
{
    struct gcx_site_name said;
    if (world->setting->outlet_count == 0 || !is_alone(world->look)) return;
    for (size_t i = 0; world->look->site(world->look->self, "dialled", i, &said); i++)
        if (!setting_is_point(world->setting, said.name) && !point_dials(world, said.name))
            look_tell(world->look, CHECK_said_number, "dialable",
                      LOOK_WORDS(said.where, said.of, said.name,
                                 telephones_find(world->telephones, said.name)
                                     ? "strategies dial no telephone of `telephones`: name a number outside"
                                     : "add it to `dialable`, or correct the strategy"));
}

/* ---- the machine ---- */

/* Warns if ports of sound or open files do not suffice for all calls: a call needs two of each. The limit of open
 * files that counts is the hard limit, up to which the process may raise its own. */
static void ports_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    const struct sip_setting *setting = world->setting;
    struct rlimit files;
    char calls[24], ports[16], most[24], needed[24];
    unsigned even = rtp_ports(setting->first_rtp, setting->last_rtp);
    snprintf(calls, sizeof calls, "%u", (unsigned)setting->calls);
    snprintf(ports, sizeof ports, "%u", even / 2);
    if (setting->first_rtp != 0 && !*setting->redirects && even / 2 < setting->calls)
        look_tell(look, CHECK_sound_ports, "rtp_ports", LOOK_WORDS(ports, calls));
    if (setting->first_rtp != 0) {
        char host[64], thing[128];
        (void)re_snprintf(host, sizeof host, "%j", &setting->own);
        snprintf(thing, sizeof thing, "udp %s:%u-%u", host, setting->first_rtp, setting->last_rtp);
        look->takes(look->self, "rtp_ports", thing);
    }
    uint64_t need = setting->calls * FILES_OF_CALL + FILES_OF_ALL;
    snprintf(needed, sizeof needed, "%llu", (unsigned long long)need);
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max == RLIM_INFINITY || files.rlim_max >= need) return;
    snprintf(most, sizeof most, "%llu", (unsigned long long)files.rlim_max);
    look_tell(look, CHECK_files_limit, "calls", LOOK_WORDS(calls, needed, most));
}

/* Checks a trunk's address. A socket of IPv4 cannot send to addresses of IPv6, nor the reverse. `own`: the warning
 * if the address is the exchange's own. */
static void trunk_look(const struct look_world *world, const char *key, const struct sa *trunk, enum look_check own)
{
    const struct sip_setting *setting = world->setting;
    char text[64];
    (void)re_snprintf(text, sizeof text, sa_port(trunk) == 0 ? "%j" : "%J", trunk);
    look_outside(world->look, key, text);
    if (sa_af(trunk) != sa_af(&setting->own) && !(*setting->tls_address && sa_af(trunk) == sa_af(&setting->own_tls)))
        look_tell(world->look, CHECK_trunk_family, key, LOOK_WORDS(text, setting->address));
    if (sa_port(trunk) != 0 && (look_is_own(text, setting->address) || look_is_own(text, setting->tls_address)))
        look_tell(world->look, own, key, LOOK_WORDS(text));
}

static void trunks_look(const struct look_world *world)
{
    const struct sip_setting *setting = world->setting;
    char word[NAME_SIZE];
    bool fits;
    for (unsigned i = 0; i < setting->trunk_count; i++)
        trunk_look(world, "trunks", &setting->trunks_of[i].source, CHECK_trunk_source);
    for (unsigned i = 0; i < setting->outlet_count; i++)
        trunk_look(world, "outbound", &setting->outlets[i].at, CHECK_trunk_own);
    for (const char *list = setting->dialable; setting_list_word(&list, word, sizeof word, &fits);) {
        if (fits && !strchr(word, '*') && !dialled_is_plain(word, strlen(word)))
            look_tell(world->look, CHECK_dialable_short, "dialable", LOOK_WORDS(word));
        if (fits) world->look->adds(world->look->self, "dials", word, "");
    }
    if (*setting->dialable && setting->outlet_count == 0)
        look_tell(world->look, CHECK_dialable_trunk, "dialable", LOOK_WORDS(setting->dialable));
    if (setting->outlet_count > 0 && !*setting->dialable && setting->emergency_count == 0)
        look_tell(world->look, CHECK_trunk_dialable, "outbound", LOOK_WORDS(setting->outbound));
}

bool look_recordings_open(const char *folder, char why[LOOK_TEXT])
{
    struct stat found;
    if (!*folder || stat(folder, &found) != 0 || (found.st_mode & (S_IROTH | S_IWOTH)) == 0) return false;
    look_say(why, CHECK_recording_open, LOOK_WORDS(folder));
    return true;
}

/* Checks the folder of recordings: it must be writable, closed to other users, and have more free space than the
 * limit below which recording stops. */
static void recordings_look(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    const struct sip_setting *setting = world->setting;
    struct statvfs space;
    char why[LOOK_TEXT], free_mb[24], wanted[24];
    if (!*setting->recordings) return;
    enum look_check check = look_folder(setting->recordings, why);
    if (check != CHECKS) look_tell(look, check, "recordings", LOOK_WORDS("a recording", setting->recordings, why));
    if (look_recordings_open(setting->recordings, why))
        look->tell(look->self, look_level(CHECK_recording_open), "recordings", why);
    if (statvfs(setting->recordings, &space) != 0) return;
    uint64_t left = (uint64_t)space.f_bavail * space.f_frsize / MEGABYTE;
    snprintf(free_mb, sizeof free_mb, "%llu", (unsigned long long)left);
    snprintf(wanted, sizeof wanted, "%llu", (unsigned long long)setting->recordings_free);
    if (left < setting->recordings_free)
        look_tell(look, CHECK_recording_space, "recordings", LOOK_WORDS(free_mb, wanted));
}

/* Checks the exchange: first its settings alone, then what needs the names of the site and its strategies, if they
 * are known. */
void look_at_exchange(const struct look_world *world)
{
    const struct gcx_look *look = world->look;
    const struct sip_setting *setting = world->setting;
    look_listens(look, "address", "udp", setting->address);
    if (setting_yes(setting->tcp)) look_listens(look, "address", "tcp", setting->address);
    look_listens(look, "tls_address", "tcp", setting->tls_address);
    if (*setting->tls_address) look_pair(look, "tls_certificate", setting->tls_certificate, setting->tls_certificate);
    if (setting_yes(setting->srtp) && !*setting->tls_address)
        look_tell(look, CHECK_srtp_tls, "srtp", LOOK_WORDS("yes"));
    setting_looks(look);
    ports_look(world);
    trunks_look(world);
    recordings_look(world);
    if (!look_site_known(look)) return;
    numbers_look(world);
    redirects_look(world);
    emergencies_look(world);
    destinations_look(world);
    prompts_look(world);
    pieces_look(world);
    telephones_look(world);
    campaigns_look(world);
    promises_look(world);
    literals_look(world);
    outside_rows_look(world);
}
