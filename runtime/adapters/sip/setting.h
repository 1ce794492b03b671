/* runtime/adapters/sip/setting.h - The plugin's settings, read and checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/settings.h"
#include "runtime/adapters/cti/cti.h"
#include "runtime/adapters/sip/g711.h"
#include "runtime/adapters/sip/guard.h"

/* A called number, and the routing point where its calls stand; "*": any other. */
struct number {
    char number[NAME_SIZE], point[NAME_SIZE];
};

/* An address that brings calls; with port 0 from any port. */
struct trunk {
    struct sa source;
    bool leads_to_switch; /* `switches` */
    struct bucket calls;
};

/* A trunk through which numbers outside are dialled. */
struct outlet {
    char name[NAME_SIZE]; /* "": none */
    struct sa at;
    uint64_t rests_until_ms; /* it has failed: others are tried first */
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
    struct number *emergencies; /* `emergency`: a number or a service, and where its calls go */
    unsigned trunk_count, number_count, outlet_count, emergency_count;
    enum law first_law;
    int tone_country;
    struct limits limits;
};

extern const char *const setting_names[]; /* NULL at the end */

/* Texts are borrowed. False with the reason, which begins with the setting's name. */
bool sip_setting_read(struct sip_setting *, setting_get *, void *self, char *why, size_t why_size);
void sip_setting_free(struct sip_setting *);

/* The next word between commas, without the blanks around it. False: there is none. */
bool setting_list_word(const char **list, char *word, size_t size, bool *fits);
/* The routing point of a called number; NULL: none. */
const char *setting_point(const struct sip_setting *, const char *number);
/* The destination of calls to that number, or to a service as urn:service:sos.police; NULL: it is of no emergency. */
const char *setting_emergency(const struct sip_setting *, const char *number);
/* Do the calls of an emergency go there? Then it may be dialled in any case. */
bool setting_is_emergency(const struct sip_setting *, const char *destination);
/* Is there a routing point of that name? */
bool setting_is_point(const struct sip_setting *, const char *name);
/* The number that leads to that place, else the first of `numbers`, for a call that has none to be told outside; "":
 * there is only a name, or *. */
const char *setting_own_number(const struct sip_setting *, const char *place);
/* Are calls from trunks only decided at that routing point? */
bool setting_redirects(const struct sip_setting *, const char *point);
/* Do CTI clients see that routing point as an ACD queue? */
bool setting_is_queue(const struct sip_setting *, const char *point);
/* Is that number outside one of `dialable`? */
bool setting_dialable(const struct sip_setting *, const char *number);
/* And is there a trunk through which it can be dialled? */
bool setting_dials(const struct sip_setting *, const char *number);
/* The place of that outlet among the names, separated by commas, from 0 on; of "" that among all. -1: it is none. */
int setting_outlet_place(const struct sip_setting *, unsigned outlet, const char *names);
/* The trunk with such an address; NULL: it may not bring calls. */
struct trunk *setting_trunk(const struct sip_setting *, const struct sa *source);
bool setting_is_trunk(const struct sip_setting *, const struct sa *source);
/* Are numbers outside dialled through that address? Its port may be any. */
bool setting_is_outlet(const struct sip_setting *, const struct sa *source);
