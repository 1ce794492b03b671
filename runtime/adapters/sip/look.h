/* runtime/adapters/sip/look.h - Checks how calls would go through the exchange, without serving any. */
#pragma once

#include "runtime/adapter/look.h"
#include "runtime/adapters/sip/setting.h"
#include "runtime/adapters/sip/telephones.h"

struct look_world { /* borrowed */
    const struct gcx_look *look;
    const struct sip_setting *setting;
    const struct telephones *telephones;
};

/* May every user of the machine read or write in the folder of recordings? Then with the sentence. */
bool look_recordings_open(const char *folder, char why[LOOK_TEXT]);
void look_at_exchange(const struct look_world *);
