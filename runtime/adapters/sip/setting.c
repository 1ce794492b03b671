/* runtime/adapters/sip/setting.c - Reads and checks the settings of the SIP plugin.
 *
 *     list settings                rows
 *     numbers=4930123=sales,*=rest     NUMBER=POINT; `*` is any other number
 *     outbound=main=192.0.2.1:5060     NAME=ADDRESS, or an address alone
 *     trunks=192.0.2.1,[2001:db8::1]   addresses; without a port any port of the host counts
 *
 * The order of reading matters: `switches` refers to `trunks`, `emergency` to `numbers` and `outbound`, `redirects`
 * and `queues` to `numbers`. The first mistake ends the reading with a sentence that names the setting, and all that
 * was read is freed. */
#include "runtime/adapters/sip/setting.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/detector/detector.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/dialled.h"
#include "base/memory.h"
#include "base/why.h"

#define SETTINGS_DEF    "runtime/adapters/sip/settings.def"
#define SETTINGS_STRUCT struct sip_setting
#include "runtime/adapter/settings_rows.h"

/* Takes the next word of a list. True: a word was there; `*fits` false: the word was too long and is not copied. False:
 * the list is at its end. Blanks around a word are left out. */
bool setting_list_word(const char **list, char *word, size_t size, bool *fits)
{
    const char *at = *list + strspn(*list, " ,");
    size_t length = strcspn(at, ",");
    *list = at + length;
    while (length > 0 && at[length - 1] == ' ') length--;
    *fits = length < size;
    if (length == 0 || !*fits) return !*fits;
    memcpy(word, at, length);
    word[length] = '\0';
    return true;
}

/* Reads an address with a port; ports above 16 bits are refused here, since libre would take them for other ports. */
static bool address_read(struct sa *address, const char *text)
{
    const char *port = strrchr(text, ':');
    return port && strtoul(port + 1, NULL, 10) <= UINT16_MAX && sa_decode(address, text, strlen(text)) == 0 &&
           !sa_is_any(address);
}

static bool source_read(const char *word, struct sa *source)
{
    if (sa_set_str(source, word, 0) == 0) return !sa_is_any(source);
    return address_read(source, word) && sa_port(source) != 0;
}

static bool setting_trunks_read(struct sip_setting *setting, char *why, size_t why_size)
{
    const char *list = setting->trunks;
    char word[64];
    bool fits;
    while (setting_list_word(&list, word, sizeof word, &fits)) {
        struct trunk trunk = {0};
        if (!fits || !source_read(word, &trunk.source))
            return why_set(why, why_size, "trunks: `%.60s` is no numeric address, with or without a port",
                           fits ? word : setting->trunks);
        setting->trunks_of = memory_more(setting->trunks_of, setting->trunk_count, sizeof trunk);
        setting->trunks_of[setting->trunk_count++] = trunk;
    }
    return true;
}

static bool setting_switches_read(struct sip_setting *setting, char *why, size_t why_size)
{
    const char *list = setting->switches;
    char word[64];
    bool fits;
    while (setting_list_word(&list, word, sizeof word, &fits)) {
        struct sa source;
        struct trunk *trunk = fits && source_read(word, &source) ? setting_trunk(setting, &source) : NULL;
        if (!trunk)
            return why_set(why, why_size, "switches: `%.60s` is none of `trunks`", fits ? word : setting->switches);
        trunk->leads_to_switch = true;
    }
    return true;
}

/* Reads rows `NUMBER=DESTINATION`, or a number alone, which is its own destination. The rows belong to the setting
 * and are freed with it, even after a mistake. */
static bool number_rows_read(const char *name, const char *list, struct number **rows, unsigned *count, char *why,
                             size_t why_size)
{
    char word[2 * NAME_SIZE];
    bool fits;
    while (setting_list_word(&list, word, sizeof word, &fits)) {
        char *equal = fits ? strchr(word, '=') : NULL;
        struct number row;
        if (equal) *equal = '\0';
        if (!fits || !text_set(row.number, sizeof row.number, word) || !*row.number ||
            !text_set(row.point, sizeof row.point, equal ? equal + 1 : word) || !*row.point ||
            strcmp(row.point, "*") == 0)
            return why_set(why, why_size, "%s: `%.80s` is neither NUMBER=POINT nor POINT", name, fits ? word : list);
        *rows = memory_more(*rows, *count, sizeof row);
        (*rows)[(*count)++] = row;
    }
    return true;
}

static bool setting_numbers_read(struct sip_setting *setting, char *why, size_t why_size)
{
    return number_rows_read("numbers", setting->numbers, &setting->all_numbers, &setting->number_count, why, why_size);
}

static bool emergencies_read(struct sip_setting *setting, char *why, size_t why_size)
{
    if (!number_rows_read("emergency", setting->emergency, &setting->emergencies, &setting->emergency_count, why,
                          why_size))
        return false;
    for (unsigned i = 0; i < setting->emergency_count; i++) {
        const char *to = setting->emergencies[i].point;
        if (setting_is_point(setting, to) || (dialled_is_writable(to) && setting->outlet_count > 0)) continue;
        return why_set(
            why, why_size,
            "emergency: `%.60s` is neither a routing point of `numbers` nor a number that `outbound` can dial", to);
    }
    return true;
}

/* The destination of an emergency number or service; NULL: it is none. If several rows fit, the longest counts. A
 * service like `urn:service:sos.fire` also fits the row `urn:service:sos`, but `urn:service:sosx` does not. */
const char *setting_emergency(const struct sip_setting *setting, const char *number)
{
    size_t length = strlen(number), best = 0;
    const char *to = NULL;
    for (unsigned i = 0; i < setting->emergency_count; i++) {
        const struct number *row = &setting->emergencies[i];
        size_t own = strlen(row->number);
        bool urn = strncasecmp(row->number, "urn:", 4) == 0;
        bool is = own <= length && strncasecmp(row->number, number, own) == 0 &&
                  (number[own] == '\0' || (urn && number[own] == '.'));
        if (is && own >= best) to = row->point, best = own;
    }
    return to;
}

static bool own_read(struct sip_setting *setting, char *why, size_t why_size)
{
    if (address_read(&setting->own, setting->address)) return true;
    return why_set(why, why_size, "address: `%.80s` is no numeric address with a port that telephones can be told",
                   setting->address);
}

static bool announced_read(struct sip_setting *setting, char *why, size_t why_size)
{
    setting->told = setting->own;
    if (!*setting->announced) return true;
    if (sa_set_str(&setting->told, setting->announced, 0) == 0 && sa_af(&setting->told) == sa_af(&setting->own) &&
        !sa_is_any(&setting->told))
        return true;
    return why_set(why, why_size, "announced: `%.60s` is no numeric address of the kind of `address`",
                   setting->announced);
}

static bool tls_read(struct sip_setting *setting, char *why, size_t why_size)
{
    const char *address = setting->tls_address;
    char said[256];
    if (!*address) return true;
    if (!address_read(&setting->own_tls, address))
        snprintf(why, why_size, "tls_address: `%.60s` is no numeric address with a port", address);
    else if (!*setting->tls_certificate)
        snprintf(why, why_size, "tls_certificate: tls_address wants one");
    else if (!setting_private(setting->tls_certificate, said, sizeof said))
        snprintf(why, why_size, "tls_certificate: %s", said);
    else
        return true;
    return false;
}

static bool ports_read(struct sip_setting *setting, char *why, size_t why_size)
{
    unsigned first, last;
    char behind;
    if (!*setting->rtp_ports) return true;
    bool good = sscanf(setting->rtp_ports, "%5u-%5u%c", &first, &last, &behind) == 2 && first >= 1024 &&
                last <= 65535 && first < last;
    if (!good)
        return why_set(why, why_size, "rtp_ports: `%.40s` is not FIRST-LAST, two ports from 1024 to 65535",
                       setting->rtp_ports);
    setting->first_rtp = (uint16_t)first;
    setting->last_rtp = (uint16_t)last;
    return true;
}

/* Reads an outlet from `word`, and changes that text: the `=` becomes the end of the name. */
static bool outlet_read(struct outlet *outlet, char *word)
{
    char *equal = strchr(word, '=');
    char *address = equal ? equal + 1 : word;
    size_t length = strlen(address);
    if (equal) *equal = '\0';
    if (equal && (!*word || !text_set(outlet->name, sizeof outlet->name, word))) return false;
    if (*address == '[' && address[length - 1] == ']') { /* an IPv6 address in brackets, without a port */
        address[length - 1] = '\0';
        address++;
    }
    if (sa_set_str(&outlet->at, address, SIP_PORT) == 0) return !sa_is_any(&outlet->at);
    return address_read(&outlet->at, address) && sa_port(&outlet->at) != 0;
}

static bool outbound_read(struct sip_setting *setting, char *why, size_t why_size)
{
    const char *list = setting->outbound;
    char word[2 * NAME_SIZE], said[2 * NAME_SIZE];
    bool fits;
    while (setting_list_word(&list, word, sizeof word, &fits)) {
        struct outlet outlet = {0};
        text_set(said, sizeof said, fits ? word : "");
        if (!fits || setting->outlet_count == OUTLETS_MAX || !outlet_read(&outlet, word))
            return why_set(why, why_size,
                           "outbound: `%.80s` is neither a numeric address nor NAME=ADDRESS, or one too many", said);
        setting->outlets = memory_more(setting->outlets, setting->outlet_count, sizeof outlet);
        setting->outlets[setting->outlet_count++] = outlet;
    }
    return true;
}

/* The place of an outlet in the list of names: its index in that list, or -1 if the list does not have it. If
 * `names` is "", the place is the index among all outlets. */
int setting_outlet_place(const struct sip_setting *setting, unsigned outlet, const char *names)
{
    char word[NAME_SIZE];
    bool fits;
    assert(outlet < setting->outlet_count);
    if (!*names) return (int)outlet;
    for (int place = 0; setting_list_word(&names, word, sizeof word, &fits); place++)
        if (fits && strcmp(word, setting->outlets[outlet].name) == 0) return place;
    return -1;
}

static const char between[] = ", \t"; /* the rows of `dialable` */

static bool dialable_good(const struct sip_setting *setting, char *why, size_t why_size)
{
    char word[NAME_SIZE];
    for (const char *at = setting->dialable + strspn(setting->dialable, between); *at; at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        if (length >= sizeof word || !dialled_is_writable(word))
            return why_set(why, why_size, "dialable: `%.60s` is neither a number, as 110, nor its beginning and *",
                           word);
        at += length;
    }
    return true;
}

bool setting_dialable(const struct sip_setting *setting, const char *number)
{
    return dialled_is_writable(number) && dialled_is_allowed(setting->dialable, number);
}

bool setting_is_emergency(const struct sip_setting *setting, const char *number)
{
    for (unsigned i = 0; i < setting->emergency_count; i++)
        if (strcmp(setting->emergencies[i].point, number) == 0) return true;
    return false;
}

/* Can the exchange dial that number outside? An emergency number may be dialled even if `dialable` does not allow
 * it. */
bool setting_dials(const struct sip_setting *setting, const char *number)
{
    return setting->outlet_count > 0 && (setting_dialable(setting, number) ||
                                         (dialled_is_writable(number) && setting_is_emergency(setting, number)));
}

static bool points_have(const char *list, const char *point)
{
    char word[NAME_SIZE];
    bool fits;
    while (setting_list_word(&list, word, sizeof word, &fits))
        if (fits && strcmp(word, point) == 0) return true;
    return false;
}

bool setting_redirects(const struct sip_setting *setting, const char *point)
{
    return points_have(setting->redirects, point);
}

bool setting_is_queue(const struct sip_setting *setting, const char *point)
{
    return points_have(setting->queues, point);
}

static bool points_good(const struct sip_setting *setting, const char *name, const char *list, char *why,
                        size_t why_size)
{
    char word[NAME_SIZE];
    bool fits;
    while (setting_list_word(&list, word, sizeof word, &fits)) {
        if (fits && setting_is_point(setting, word)) continue;
        return why_set(why, why_size, "%s: `%.60s` is no routing point of `numbers`", name, fits ? word : list);
    }
    return true;
}

static bool words_good(struct sip_setting *setting, char *why, size_t why_size)
{
    bool a = strcmp(setting->law, "a") == 0;
    setting->first_law = a ? LAW_A : LAW_MU;
    if (!a && strcmp(setting->law, "mu") != 0)
        snprintf(why, why_size, "law: `%.20s` is neither a nor mu", setting->law);
    else if ((setting->tone_country = detector_country(setting->tones)) < 0)
        snprintf(why, why_size, "tones: `%.20s` is neither eu, fr, uk nor us", setting->tones);
    else if (!*setting->realm || strpbrk(setting->realm, "\"\\\r\n"))
        snprintf(why, why_size, "realm: it is empty, or has a quotation mark or a backslash");
    else if (!setting_yes(setting->tcp) && strcmp(setting->tcp, "no") != 0)
        snprintf(why, why_size, "tcp: `%.20s` is neither yes nor no", setting->tcp);
    else if (!setting_yes(setting->srtp) && strcmp(setting->srtp, "no") != 0)
        snprintf(why, why_size, "srtp: `%.20s` is neither yes nor no", setting->srtp);
    else if (!setting_yes(setting->insecure) && strcmp(setting->insecure, "no") != 0)
        snprintf(why, why_size, "insecure: `%.20s` is neither yes nor no", setting->insecure);
    else if (!setting_yes(setting->sound_keys) && strcmp(setting->sound_keys, "no") != 0)
        snprintf(why, why_size, "sound_keys: `%.20s` is neither yes nor no", setting->sound_keys);
    else if (strcmp(setting->desk_answer, "again") != 0 && strcmp(setting->desk_answer, "only") != 0 &&
             strcmp(setting->desk_answer, "no") != 0)
        snprintf(why, why_size, "desk_answer: `%.20s` is neither again, only nor no", setting->desk_answer);
    else if (strcmp(setting->client_certificate, "asked") != 0 && strcmp(setting->client_certificate, "required") != 0)
        snprintf(why, why_size, "client_certificate: `%.20s` is neither required nor asked",
                 setting->client_certificate);
    else
        return true;
    return false;
}

bool sip_setting_read(struct sip_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct sip_setting){0};
    bool good = setting_rows_read(setting, get, self, why, why_size) &&
                limits_read(&setting->limits, get, self, why, why_size) && own_read(setting, why, why_size) &&
                announced_read(setting, why, why_size) && tls_read(setting, why, why_size) &&
                ports_read(setting, why, why_size) && outbound_read(setting, why, why_size) &&
                setting_trunks_read(setting, why, why_size) && setting_switches_read(setting, why, why_size) &&
                setting_numbers_read(setting, why, why_size) && emergencies_read(setting, why, why_size) &&
                dialable_good(setting, why, why_size) &&
                points_good(setting, "redirects", setting->redirects, why, why_size) &&
                points_good(setting, "queues", setting->queues, why, why_size) && words_good(setting, why, why_size);
    if (!good) sip_setting_free(setting);
    return good;
}

void sip_setting_free(struct sip_setting *setting)
{
    free(setting->trunks_of);
    free(setting->all_numbers);
    free(setting->outlets);
    free(setting->emergencies);
    *setting = (struct sip_setting){0};
}

/* The routing point of a called number; a row with exactly that number counts before the row `*`, wherever that is
 * in the list. */
const char *setting_point(const struct sip_setting *setting, const char *number)
{
    const char *other = NULL;
    for (unsigned i = 0; i < setting->number_count; i++) {
        const struct number *row = &setting->all_numbers[i];
        if (strcmp(row->number, number) == 0) return row->point;
        if (strcmp(row->number, "*") == 0) other = row->point;
    }
    return other;
}

bool setting_is_point(const struct sip_setting *setting, const char *name)
{
    for (unsigned i = 0; i < setting->number_count; i++)
        if (strcmp(setting->all_numbers[i].point, name) == 0) return true;
    return false;
}

const char *setting_own_number(const struct sip_setting *setting, const char *place)
{
    const char *first = "";
    for (unsigned i = 0; i < setting->number_count; i++) {
        const struct number *row = &setting->all_numbers[i];
        if (strcmp(row->number, "*") == 0 || !dialled_is_writable(row->number)) continue;
        if (strcmp(row->point, place) == 0) return row->number;
        if (!*first) first = row->number;
    }
    return first;
}

/* The trunk to which a source address belongs; NULL: none. A trunk without a port in the settings may send from any
 * port. */
struct trunk *setting_trunk(const struct sip_setting *setting, const struct sa *source)
{
    for (unsigned i = 0; i < setting->trunk_count; i++) {
        struct trunk *trunk = &setting->trunks_of[i];
        if (sa_cmp(&trunk->source, source, sa_port(&trunk->source) == 0 ? SA_ADDR : SA_ALL)) return trunk;
    }
    return NULL;
}

bool setting_is_trunk(const struct sip_setting *setting, const struct sa *source)
{
    return setting_trunk(setting, source) != NULL;
}

bool setting_is_outlet(const struct sip_setting *setting, const struct sa *source)
{
    for (unsigned i = 0; i < setting->outlet_count; i++)
        if (sa_cmp(&setting->outlets[i].at, source, SA_ADDR)) return true;
    return false;
}
