#pragma once
#include <stddef.h>

// Files inside the binary: each function gives the bytes and their count.
const unsigned char *tacet_prices(size_t *count);

#include "AuditPage.h"
#include "Languages.h"
#include "SoftwareBill.h"
#include "Templates.h"
#include "Tokenizers.h"
