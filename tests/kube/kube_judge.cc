// Does with our Kubernetes client what a test says: a line of JSON in, a line of JSON out.
//   arguments  KUBECONFIG [REQUESTS_PER_SECOND BURST], or in-cluster FOLDER
//   in         do (get, list, page, create, update, status, apply, merge, remove, token, typed,
//              watch, look, unwatch, event, flush), kind (see kinds()), namespace, name, object, …
//   out        what came of it, or error {code, message}
#include <iostream>
#include <map>
#include <string>

#include "base/log.h"
#include "base/strings.h"
#include "base/timestamp.h"
#include "kube/api_client.h"
#include "kube/list_all.h"
#include "kube/objects.h"
#include "kube/queued_event_recorder.h"
#include "net/curl_http.h"
#include "os/process.h"
#include "os/system_clock.h"
#include "tests/kube/judged_watch.h"

namespace keyferry::kube {
namespace {

constexpr Duration kLongestCall = std::chrono::seconds(40);

const std::map<std::string_view, Resource>& kinds() {
  static const std::map<std::string_view, Resource> kinds = {
      {"pods", pods()},
      {"nodes", nodes()},
      {"secrets", secrets()},
      {"serviceaccounts", service_accounts()},
      {"events", events()},
      {"csidrivers", csi_drivers()},
      {"classes", secret_provider_classes()},
      {"podstatuses", secret_provider_class_pod_statuses()},
      {"configmaps", {"", "v1", "configmaps", "ConfigMap"}},
      {"nothings", {"nothing.example", "v1", "nothings", "Nothing"}}};
  return kinds;
}

Json error_json(const Error& error) {
  Json json;
  json.set("code", name_of(error.code())).set("message", error.message());
  return Json().set("error", std::move(json));
}

Json answer_of(Result<Json> result) {
  if (!result.ok()) return error_json(result.error());
  return Json().set("object", std::move(result).value());
}

template <class T>
Json again(Result<T> parsed) {
  return parsed.ok() ? Json().set("object", to_json(*parsed)) : error_json(parsed.error());
}

// An object as one of our types, and back.
Json typed(std::string_view kind, const Json& object) {
  if (kind == "pods") return again(parse_pod(object));
  if (kind == "nodes") return again(parse_node(object));
  if (kind == "secrets") return again(parse_secret(object));
  if (kind == "serviceaccounts") return again(parse_service_account(object));
  if (kind == "events") return again(parse_event(object));
  if (kind == "podstatuses") return again(parse_pod_status(object));
  return again(parse_secret_provider_class(object));
}

class Judge {
 public:
  Judge(ApiConfig config, ApiClientOptions options)
      : http_(make_curl_http()),
        stream_(make_curl_http_stream()),
        api_(make_kube_api(std::move(config), std::move(options), {*http_, *stream_, clock_})),
        recorder_(*api_, clock_, {"judge", 1000, {}}) {}

  Json answer_to(const Json& question) {
    question_ = &question;
    const std::string_view deed = text("do");
    if (deed == "list") return list();
    if (deed == "page") return page();
    if (deed == "remove") return remove();
    if (deed == "token") return token();
    if (deed == "watch") return watch();
    if (deed == "look") return watches_.at(std::string(text("name")))->look();
    if (deed == "unwatch") return Json(watches_.erase(std::string(text("name"))) == 1);
    if (deed == "event") return event();
    if (deed == "flush") return flush();
    if (deed == "typed") return typed(text("kind"), object());
    return one_object(deed);
  }

 private:
  std::string_view text(std::string_view key) const { return question_->text_of(key); }
  const Resource& kind() const { return kinds().at(text("kind")); }
  ObjectName name() const { return {std::string(text("namespace")), std::string(text("name"))}; }
  const Json& object() const { return *question_->find("object"); }
  Part part() const { return text("part") == "status" ? Part::kStatus : Part::kObject; }
  Patience patience() const { return {Deadline::in(clock_, kLongestCall), {}}; }
  std::int64_t number(std::string_view key, std::int64_t otherwise) const {
    const Json* found = question_->find(key);
    return found == nullptr ? otherwise : found->as_int().value_or(otherwise);
  }

  Json one_object(std::string_view deed) {
    if (deed == "get") return answer_of(api_->get(kind(), name(), patience()));
    if (deed == "create") return answer_of(api_->create(kind(), object(), patience()));
    if (deed == "update") return answer_of(api_->update(kind(), object(), part(), patience()));
    if (deed == "merge") {
      return answer_of(api_->merge(kind(), name(), object(), part(), patience()));
    }
    const auto conflict =
        text("conflict") == "force" ? ApplyConflict::kForce : ApplyConflict::kRefuse;
    return answer_of(api_->apply(kind(), object(), {std::string(text("manager")), conflict, part()},
                                 patience()));
  }

  ListOptions list_options() const {
    ListOptions options;
    options.namespace_name = text("namespace");
    options.label_selector = text("labels");
    options.field_selector = text("fields");
    if (text("detail") == "metadata") options.detail = Detail::kMetadataOnly;
    options.page_size = static_cast<int>(number("page_size", 500));
    options.next = text("next");
    if (question_->find("not_older_than") != nullptr)
      options.not_older_than = text("not_older_than");
    return options;
  }
  Json list() {
    auto list = list_all(*api_, kind(), list_options(), patience());
    if (!list.ok()) return error_json(list.error());
    Json json;
    json.set("items", std::move(list->items));
    return json.set("version", list->resource_version);
  }
  Json page() {
    auto page = api_->list(kind(), list_options(), patience());
    if (!page.ok()) return error_json(page.error());
    Json json;
    json.set("count", static_cast<std::int64_t>(page->items.size())).set("next", page->next);
    return json.set("version", page->resource_version);
  }
  Json remove() {
    const Status status = api_->remove(
        kind(), name(), {std::string(text("uid")), std::string(text("version"))}, patience());
    return status.ok() ? Json().set("removed", true) : error_json(status.error());
  }
  Json token() {
    TokenRequest request;
    for (const Json& audience : *question_->find("audiences")->as_array()) {
      request.audiences.push_back(*audience.as_string());
    }
    request.lifetime = std::chrono::seconds(number("lifetime", 600));
    request.pod_name = text("pod_name");
    request.pod_uid = text("pod_uid");
    const auto issued = api_->issue_token(name(), request, patience());
    if (!issued.ok()) return error_json(issued.error());
    Json json;
    json.set("token", issued->token.expose());
    return json.set("expires", to_timestamp(issued->expires));
  }
  Json watch() {
    WatchSpec spec{kind(), std::string(text("namespace")), std::string(text("labels")),
                   std::string(text("fields"))};
    if (text("detail") == "metadata") spec.detail = Detail::kMetadataOnly;
    watches_[std::string(text("name"))] = std::make_unique<JudgedWatch>(*api_, clock_, spec);
    return Json(true);
  }
  Json event() {
    const Json& about = object();
    recorder_.record({{std::string(about.text_of("apiVersion")), std::string(about.text_of("kind")),
                       std::string(text("namespace")), std::string(text("name")),
                       std::string(about.text_of("uid"))},
                      text("type") == "Warning" ? EventType::kWarning : EventType::kNormal,
                      std::string(text("reason")),
                      std::string(text("message"))});
    return Json(true);
  }
  Json flush() {
    const Status status = recorder_.flush(patience());
    const EventCounts counts = recorder_.counts();
    Json json;
    json.set("flushed", status.ok()).set("written", static_cast<std::int64_t>(counts.written));
    json.set("limited", static_cast<std::int64_t>(counts.limited));
    return json.set("failed", static_cast<std::int64_t>(counts.failed));
  }

  SystemClock clock_;
  std::unique_ptr<Http> http_;
  std::unique_ptr<HttpStream> stream_;
  std::unique_ptr<KubeApi> api_;
  QueuedEventRecorder recorder_;
  std::map<std::string, std::unique_ptr<JudgedWatch>> watches_;
  const Json* question_ = nullptr;
};

Result<ApiConfig> config_of(const std::vector<std::string>& arguments) {
  if (arguments.at(0) == "in-cluster") {
    return in_cluster_config(environment_variable, arguments.at(1));
  }
  return read_kubeconfig(arguments.at(0));
}

int serve(const std::vector<std::string>& arguments) {
  auto config = config_of(arguments);
  if (!config.ok()) {
    std::cout << to_text(error_json(config.error())) << std::endl;
    return 1;
  }
  ApiClientOptions options;
  if (arguments.at(0) != "in-cluster" && arguments.size() == 3) {
    options.requests_per_second = std::stod(arguments[1]);
    options.burst = std::stoi(arguments[2]);
  }
  Judge judge(std::move(config).value(), options);
  for (std::string line; std::getline(std::cin, line);) {
    const auto question = parse_json(line);
    if (!question.ok()) return 1;
    std::cout << to_text(judge.answer_to(*question)) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace keyferry::kube

int main(int count, char** arguments) {
  if (count < 2) return 2;
  return keyferry::kube::serve({arguments + 1, arguments + count});
}
