/* runtime/adapters/sip/setting.h - The plugin's settings, read and checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/settings.h"
#include "runtime/adapters/cti/cti.h"
#include "runtime/adapters/sip/g711.h"
#include "runtime/adapters/sip/guard.h"

/* A called number and the routing point of its calls; "*": all numbers without an own row. */
struct number {
    char number[NAME_SIZE], point[NAME_SIZE];
};

/* A trunk's address from which calls come; port 0: from any port. */
struct trunk {
    struct sa source;
    bool leads_to_switch; /* `switches` */
    struct bucket calls;
};

/* A trunk through which numbers outside are dialled. */
struct outlet {
    char name[NAME_SIZE]; /* "": none */
    struct sa at;
    uint64_t rests_until_ms; /* after a failure: other outlets are tried first until then */
};

enum { OUTLETS_MAX = 32 };

struct sip_setting {
#define SETTING(name, usual, kind, doc)    const char *name;
#define NUMBER(name, usual, min, max, doc) uint64_t name;
#include "runtime/adapters/sip/ua/ua.h"
#include "runtime/adapters/sip/settings.def"
#undef SETTING
#undef NUMBER
    struct sa own, own_tls, told; /* `address`, `tls_address`, `announced` */
    uint16_t first_rtp, last_rtp; /* 0: whichever */
    struct trunk *trunks_of;      /* `trunks` */
    struct number *all_numbers;
    struct outlet *outlets;     /* `outbound` */
    struct number *emergencies; /* `emergency`: a number or a service, and its destination */
    unsigned trunk_count, number_count, outlet_count, emergency_count;
    enum law first_law;
    int tone_country;
    struct limits limits;
};

extern const char *const setting_names[]; /* NULL at the end */

/* Texts are borrowed. False with the reason, which begins with the name of the setting. */
bool sip_setting_read(struct sip_setting *, setting_get *, void *self, char *why, size_t why_size);
void sip_setting_free(struct sip_setting *);

/* Takes the next word of a list with commas, without the blanks around the word. False: there is none. */
bool setting_list_word(const char **list, char *word, size_t size, bool *fits);
/* The routing point of a called number; NULL: it has none. */
const char *setting_point(const struct sip_setting *, const char *number);
/* The destination of calls to that number, or to a service such as urn:service:sos.police; NULL: it is no emergency
 * number. */
const char *setting_emergency(const struct sip_setting *, const char *number);
/* Is the number the destination of an emergency number? If so, the number may be dialled even if `dialable` does not
 * allow it. */
bool setting_is_emergency(const struct sip_setting *, const char *destination);
/* Is there a routing point of that name? */
bool setting_is_point(const struct sip_setting *, const char *name);
/* The number to show outside for a call without one: the number of that routing point, else the first of `numbers`;
 * "": `numbers` has only names, or *. */
const char *setting_own_number(const struct sip_setting *, const char *place);
/* Are calls to that routing point redirected and not answered? */
bool setting_redirects(const struct sip_setting *, const char *point);
/* Do CTI clients see that routing point as an ACD queue? */
bool setting_is_queue(const struct sip_setting *, const char *point);
/* Is that number outside allowed by `dialable`? */
bool setting_dialable(const struct sip_setting *, const char *number);
/* Can the number be dialled outside: is it allowed or an emergency number, and is there a trunk for it? */
bool setting_dials(const struct sip_setting *, const char *number);
/* The index of the outlet in the list of names, which are separated by commas; if the list is "", its index among
 * all outlets. -1: it is none. */
int setting_outlet_place(const struct sip_setting *, unsigned outlet, const char *names);
/* The trunk that has this address; NULL: none, so the sender may not bring calls. */
struct trunk *setting_trunk(const struct sip_setting *, const struct sa *source);
bool setting_is_trunk(const struct sip_setting *, const struct sa *source);
/* Is the address that of an outlet, through which numbers outside are dialled? The port is not compared. */
bool setting_is_outlet(const struct sip_setting *, const struct sa *source);
