/* tests/unit/adapter_sample.h - A plugin for tests: every Cancel is answered by an EventDone of the same ref, and a
 * call arrives when the core is there. With the setting `holds` it holds a conversation, until a Cancel of the ref
 * SAMPLE_LAST; with each Cancel it logs whether it serves or drains. */
#pragma once

#include "runtime/adapter/gcx_adapter.h"

enum { SAMPLE_LAST = 99 };

extern const struct gcx_adapter gcx_adapter;
