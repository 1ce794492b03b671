/* runtime/adapters/sip/look.h - Looks at the way of a call through the exchange without serving one. */
#pragma once

#include "runtime/adapters/sip/setting.h"
#include "runtime/adapters/sip/telephones.h"

struct look_world { /* borrowed */
    const struct gcx_look *look;
    const struct sip_setting *setting;
    const struct telephones *telephones;
};

void exchange_look(const struct look_world *);
