#include "kube/api_client.h"

#include "base/strings.h"
#include "kube/api_answer.h"
#include "kube/api_exchange.h"
#include "kube/api_request.h"
#include "net/line_splitter.h"

namespace keyferry::kube {

namespace {

// etcd takes objects of 1.5 MiB; an event repeats one.
constexpr std::size_t kLongestEvent = std::size_t{8} << 20;

class ApiClient final : public KubeApi {
 public:
  ApiClient(ApiConfig config, ApiClientOptions options, const ApiClientParts& parts)
      : manager_(options.field_manager), way_(std::move(config), std::move(options), parts) {}

  Result<Json> get(const Resource& resource, const ObjectName& name,
                   const Patience& patience) override {
    return answer_to(get_request(resource, name), patience, read_object);
  }
  Result<Page> list(const Resource& resource, const ListOptions& options,
                    const Patience& patience) override {
    return answer_to(list_request(resource, options), patience, read_page);
  }
  Result<Json> create(const Resource& resource, const Json& object,
                      const Patience& patience) override {
    return answer_to(create_request(resource, object, manager_), patience, read_object);
  }
  Result<Json> update(const Resource& resource, const Json& object, Part part,
                      const Patience& patience) override {
    return answer_to(update_request(resource, object, part, manager_), patience, read_object);
  }
  Result<Json> apply(const Resource& resource, const Json& object, const ApplyOptions& options,
                     const Patience& patience) override {
    return answer_to(apply_request(resource, object, options), patience, read_object);
  }
  Result<Json> merge(const Resource& resource, const ObjectName& name, const Json& changes,
                     Part part, const Patience& patience) override {
    return answer_to(merge_request(resource, name, changes, part, manager_), patience, read_object);
  }
  Status remove(const Resource& resource, const ObjectName& name,
                const Preconditions& preconditions, const Patience& patience) override {
    return answer_to(delete_request(resource, name, preconditions), patience,
                     [](const Response&) { return Status(); });
  }
  Result<IssuedToken> issue_token(const ObjectName& account, const TokenRequest& wanted,
                                  const Patience& patience) override {
    return answer_to(token_request(account, wanted), patience, read_issued_token);
  }
  Status watch(const Resource& resource, const WatchOptions& options,
               const std::function<void(WatchEvent)>& told, const Patience& patience) override;

 private:
  template <class Read>
  auto answer_to(const Result<ApiRequest>& request, const Patience& patience, Read read)
      -> decltype(read(Response())) {
    if (!request.ok()) return request.error();
    const auto whole = [&]() -> decltype(read(Response())) {
      KF_ASSIGN(const Response response, way_.exchange(*request, patience));
      return read(response);
    };
    return whole().with_context(request->asked.display_name());
  }

  const std::string manager_;
  ApiExchange way_;
};

Status ApiClient::watch(const Resource& resource, const WatchOptions& options,
                        const std::function<void(WatchEvent)>& told, const Patience& patience) {
  KF_ASSIGN(const ApiRequest request, watch_request(resource, options));
  LineSplitter lines(kLongestEvent, [&](std::string_view line) -> Status {
    KF_ASSIGN(WatchEvent event, read_event(line, request.asked));
    told(std::move(event));
    return {};
  });
  const BodySink sink = [&](std::string_view bytes) -> Status {
    if (bytes.empty()) told({});
    return lines.add(bytes);
  };
  const std::string what = request.asked.display_name();
  KF_TRY(way_.stream(request, sink, patience).with_context(what));
  if (!lines.has_rest()) return {};
  return Error(ErrorCode::kUnavailable, cat(what, ": the server ended inside an event"));
}

}  // namespace

std::unique_ptr<KubeApi> make_kube_api(ApiConfig config, ApiClientOptions options,
                                       const ApiClientParts& parts) {
  return std::make_unique<ApiClient>(std::move(config), std::move(options), parts);
}

}  // namespace keyferry::kube
