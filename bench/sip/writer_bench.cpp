// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <string>

#include "regstorm/base/prng.hpp"
#include "regstorm/sip/branch.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/prepared_requests.hpp"
#include "regstorm/sip/request_template.hpp"
#include "regstorm/sip/response_writer.hpp"

namespace regstorm::sip {
namespace {

TemplateSpec spec(bool instance) {
    TemplateSpec made;
    made.domain = "sip.example.com";
    made.user_agent = "Grandstream GSC3516 1.0.5.22";
    made.instance = instance;
    return made;
}

/// Writes one request after another for different endpoints, as the poll loop does: `write(out, fields)`.
template <class Write>
void write_requests(benchmark::State& state, std::string_view credentials, Write&& write) {
    const NumberedText users("user%06d");
    RequestFields fields;
    fields.source = "198.18.0.1:5060";
    fields.credentials = credentials;
    fields.cseq = cseq_first;
    fields.expires_s = 3600;
    char out[2048];
    char branch[branch_chars];
    char user[32];
    encode_branch(branch, {}, 1);
    fields.branch = {branch, sizeof branch};
    fields.user = {user, users.write(user, 123456)};
    std::uint32_t size = 0;
    for (auto _ : state) {
        fields.identity = base::mix64(++fields.device);
        benchmark::DoNotOptimize(size = write(out, fields));
        benchmark::ClobberMemory();
    }
    state.counters["bytes"] = size;
}

void write_by_template(benchmark::State& state, bool instance, std::string_view credentials) {
    const RequestTemplate request(spec(instance));
    write_requests(state, credentials, [&](char* out, const RequestFields& f) { return request.write(out, f); });
}

void write_prepared(benchmark::State& state, std::string_view credentials) {
    const RequestTemplate request(spec(false));
    PreparedRequests prepared;
    write_requests(state, credentials, [&](char* out, const RequestFields& fields) {
        char* const end = prepared.end(copy_text(prepared.begin(out, request, fields), fields.credentials));
        copy_bytes<branch_chars>(out + prepared.branch_at(), fields.branch.data());
        return static_cast<std::uint32_t>(end - out);
    });
}

std::string credentials_row() { return "Authorization: Digest " + std::string(230, 'c') + "\r\n"; }

void WriteRegister(benchmark::State& state) { write_by_template(state, false, {}); }
BENCHMARK(WriteRegister)->Name("write/register");

void WriteRegisterWithInstance(benchmark::State& state) { write_by_template(state, true, {}); }
BENCHMARK(WriteRegisterWithInstance)->Name("write/register_with_instance");

void WriteRegisterWithAuthorization(benchmark::State& state) { write_by_template(state, false, credentials_row()); }
BENCHMARK(WriteRegisterWithAuthorization)->Name("write/register_with_credentials");

void WritePrepared(benchmark::State& state) { write_prepared(state, {}); }
BENCHMARK(WritePrepared)->Name("write/prepared");

void WritePreparedWithAuthorization(benchmark::State& state) { write_prepared(state, credentials_row()); }
BENCHMARK(WritePreparedWithAuthorization)->Name("write/prepared_with_credentials");

void WriteUser(benchmark::State& state) {
    const NumberedText users("user%06d");
    char user[32];
    std::uint32_t number = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(users.write(user, number++ % 1'000'000));
        benchmark::ClobberMemory();
    }
}
BENCHMARK(WriteUser)->Name("write/user");

void WriteResponse(benchmark::State& state) {
    std::string text = "-";
    const auto place = [&](std::string_view value) {
        text += value;
        return Field{static_cast<std::uint16_t>(text.size() - value.size()), static_cast<std::uint16_t>(value.size())};
    };
    Request request;
    request.vias.count = 1;
    request.vias.row[0] = place("SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK0000000001000aaaaa12;rport");
    request.sent_by = place("198.18.0.1:5060");
    request.rport_present = true;
    request.from = place("<sip:user000001@sip.example.com>;tag=01234567");
    request.to = place("<sip:user000001@sip.example.com>");
    request.call_id = place("0123456789abcdef");
    request.cseq = cseq_first;
    request.method_text = place("REGISTER");
    request.data = text.data();
    ResponseExtras extras;
    extras.to_tag = "01234567";
    extras.contacts = "Contact: <sip:user000001@198.18.0.1:5060>;expires=3600\r\n";
    extras.source_host = "198.18.0.1";
    extras.source_udp_port = 5060;
    char out[2048];
    for (auto _ : state) {
        benchmark::DoNotOptimize(write_response(out, sizeof out, request, 200, "OK", extras));
        benchmark::ClobberMemory();
    }
}
BENCHMARK(WriteResponse)->Name("write/response");

}  // namespace
}  // namespace regstorm::sip
