#pragma once

namespace keyferry {

// Before the first use of libcurl or OpenSSL: both then wipe memory before they free it, as
// operator delete does for C++ (base/wiping_heap). Safe to call from any thread, acts once.
void set_up_c_libraries();

}  // namespace keyferry
