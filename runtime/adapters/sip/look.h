/* runtime/adapters/sip/look.h - Looks at the way of a call through the exchange without serving one. */
#pragma once

#include "runtime/adapter/look.h"
#include "runtime/adapters/sip/setting.h"
#include "runtime/adapters/sip/telephones.h"

struct look_world { /* borrowed */
    const struct gcx_look *look;
    const struct sip_setting *setting;
    const struct telephones *telephones;
};

/* May everybody read or write in the folder of recordings? Then with the sentence. */
bool look_recordings_open(const char *folder, char why[LOOK_TEXT]);
void look_at_exchange(const struct look_world *);
