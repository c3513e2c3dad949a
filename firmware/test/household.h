#pragma once

#include <stdint.h>

/**
 * A household's certificates as openssl made them, in base64 of DER: for what has no openssl at hand, as the emulated
 * chip. The keys of its authorities are gone; what they would sign anew, HandKeys only pretends.
 */
namespace household {

/** The services' authority, which boards trust, and the next one. */
constexpr char kServices[] =
    "MIIBeDCCAR6gAwIBAgIQS+nAK0yEVisp4v5389i0qDAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlTY29uY2Ugc2VydmljZXMgYXV0aG9yaXR5MB"
    "4XDTI2MDEwMTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFowJDEiMCAGA1UEAwwZU2NvbmNlIHNlcnZpY2VzIGF1dGhvcml0eTBZMBMGByqGSM49AgEG"
    "CCqGSM49AwEHA0IABCcBRvYZl6bAbBVGav6TGeU0o3KOYjVVhuGvb9X89cC1ZHsT1NAFr279iCgGDOxwIATfqpr1fN+hVNRe8TlHEeujMjAwMA"
    "8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFC0ZOSXCIv+JUg6a/xcL7I0HKlm0MAoGCCqGSM49BAMCA0gAMEUCIAE7Sbz8J0Do3qY4ANLrqpAN"
    "RHx5X9JMW7hwATZkdyV/AiEAv8WElviJA3+NA+cEewjnAs1FkR0pur5pYlgfZKNalos=";
constexpr char kNextServices[] =
    "MIIBeDCCAR+gAwIBAgIRAICdK21mMcCQOx23KE9h79YwCgYIKoZIzj0EAwIwJDEiMCAGA1UEAwwZU2NvbmNlIHNlcnZpY2VzIGF1dGhvcml0eT"
    "AeFw0yNjAxMDEwMDAwMDBaFw00NjAxMDEwMDAwMDBaMCQxIjAgBgNVBAMMGVNjb25jZSBzZXJ2aWNlcyBhdXRob3JpdHkwWTATBgcqhkjOPQIB"
    "BggqhkjOPQMBBwNCAAQ+039NcJC2VKhDjXnVmJy09KTWUJ4VNEr6K8DFQwsMLqeyhUuQfYtskWycQEIM6MWmMJ2H4YMyBDxtgYg8dX6GozIwMD"
    "APBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBRz7th0cWGf5Q2D51t2Q0MAX0vpnDAKBggqhkjOPQQDAgNHADBEAiA802MWmglUwlp+0OdXmEGE"
    "4aBhTY2cSHOQZ/v62D1QjgIgMQ1dMWzC5BH+/XrZg+EkxCnVdaz5jdYWL9ReLAvVOWg=";

/** Who signs boards. */
constexpr char kIssuing[] =
    "MIIBwDCCAWWgAwIBAgIQRgQDb9VoH5QdyGLRUsbdCjAKBggqhkjOPQQDAjAjMSEwHwYDVQQDDBhTY29uY2UgZGV2aWNlcyBhdXRob3JpdHkwHh"
    "cNMjYwMTAxMDAwMDAwWhcNNDUxMjMxMDAwMDAwWjAjMSEwHwYDVQQDDBhTY29uY2UgaXNzdWluZyBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggq"
    "hkjOPQMBBwNCAASZIB5EaX5An1WpzBmR3vRSQvssjGB2rxOSiiJW7kjROW8jh2STwSQ3M03dfL0Aad+tr3WM93+cCppD1eENTmTFo3sweTASBg"
    "NVHRMBAf8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjATBgNVHSUEDDAKBggrBgEFBQcDAjAdBgNVHQ4EFgQUdhiqRHmoA0ver1jJ7dqSO9et"
    "6MAwHwYDVR0jBBgwFoAUtSXTiXAgDIdBPsM5mqE8qozlfaYwCgYIKoZIzj0EAwIDSQAwRgIhAJZX+oX3kPk0SiEI4Lptuf0tdXEqrYGM1l0Je+"
    "lR1tOKAiEA4T3ojdYlwQ3s/MMBnf7XiLOUVNIekHN2ATkLAbyBpgw=";

/** Of board 00112233445566778899aabbccddeeff, from 2026-01-01 to 2035-01-01. */
constexpr char kMinted[] =
    "MIIBszCCAVigAwIBAgIRAL/P/8impMOIQhmY4URt6C0wCgYIKoZIzj0EAwIwIzEhMB8GA1UEAwwYU2NvbmNlIGlzc3VpbmcgYXV0aG9yaXR5MB"
    "4XDTI2MDEwMTAwMDAwMFoXDTM1MDEwMTAwMDAwMFowKzEpMCcGA1UEAwwgMDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmYwWTATBgcq"
    "hkjOPQIBBggqhkjOPQMBBwNCAATZoWlIV6lUue3i3yDh+xzM3sNcqMEu2EwkpJqeCi0yr6W+bPbiA6dckKnJCVzAHjiKWzAvbMJddH43zxU4ck"
    "1so2UwYzAMBgNVHRMBAf8EAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMCMB0GA1UdDgQWBBTWl8pa/dvj3bYAwHm6GQu2BfPnszAfBgNVHSMEGDAW"
    "gBR2GKpEeagDS96vWMnt2pI7163owDAKBggqhkjOPQQDAgNJADBGAiEAoWnePShl+FqHcn1c2WlBATA0pF/1qzkH0zaYX3UCK3ICIQCxvp/fuU"
    "01Gin+bAcb/SD/Q52csBQKUf+dZLIG/P+mjA==";

/** Of the same board, from 2026-11-01 to 2045-01-01, for the key below. */
constexpr char kRenewed[] =
    "MIIBsjCCAVigAwIBAgIRAMtCMFB/GIL04GpbK1+8rgAwCgYIKoZIzj0EAwIwIzEhMB8GA1UEAwwYU2NvbmNlIGlzc3VpbmcgYXV0aG9yaXR5MB"
    "4XDTI2MTEwMTAwMDAwMFoXDTQ1MDEwMTAwMDAwMFowKzEpMCcGA1UEAwwgMDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmYwWTATBgcq"
    "hkjOPQIBBggqhkjOPQMBBwNCAAT6c7mxApX2Mra2WwbFdD65yQzg5kBC+TsOUU/32tEBEiVB+N5oDYk52ir9NhuJkamw2Kvk9Ft4cqkjjXfNIW"
    "Ebo2UwYzAMBgNVHRMBAf8EAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMCMB0GA1UdDgQWBBS5wvwlNmDy6tEV4dVhVlAkKtpROTAfBgNVHSMEGDAW"
    "gBR2GKpEeagDS96vWMnt2pI7163owDAKBggqhkjOPQQDAgNIADBFAiEA6kXHeeLrX3Ai4lD9MAYRsRjiFBHQM594B4E1CnmwDt0CIFsmw8kQrU"
    "eRNFZ005R80xXA30X7WIjKZxDCcvQTev9u";
constexpr uint8_t kSecret[32] = {
    0x02, 0xa2, 0xcd, 0xae, 0xe5, 0x4b, 0xb0, 0x55, 0x9f, 0x1c, 0xb5, 0x75, 0x7e, 0xad, 0xc9, 0xc6, 0xe9, 0xc2,
    0x3f, 0x6b, 0x2d, 0xaa, 0x8f, 0xd5, 0x65, 0x34, 0xce, 0x19, 0x23, 0x26, 0xff, 0x94};
constexpr uint8_t kPoint[65] = {
    0x04, 0xfa, 0x73, 0xb9, 0xb1, 0x02, 0x95, 0xf6, 0x32, 0xb6, 0xb6, 0x5b, 0x06, 0xc5, 0x74, 0x3e, 0xb9, 0xc9,
    0x0c, 0xe0, 0xe6, 0x40, 0x42, 0xf9, 0x3b, 0x0e, 0x51, 0x4f, 0xf7, 0xda, 0xd1, 0x01, 0x12, 0x25, 0x41, 0xf8,
    0xde, 0x68, 0x0d, 0x89, 0x39, 0xda, 0x2a, 0xfd, 0x36, 0x1b, 0x89, 0x91, 0xa9, 0xb0, 0xd8, 0xab, 0xe4, 0xf4,
    0x5b, 0x78, 0x72, 0xa9, 0x23, 0x8d, 0x77, 0xcd, 0x21, 0x61, 0x1b};

}  // namespace household
