#include "dev/aws/aws_face.h"

#include "base/strings.h"
#include "formats/arn.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kAgentPath = "/v1/credentials";
constexpr std::string_view kJsonType = "application/x-amz-json-1.1";
constexpr std::string_view kXmlType = "text/xml";

// X-Amz-Target of the two JSON services and the names their permissions begin with.
struct JsonService {
  std::string_view target;
  std::string_view service;
};
constexpr JsonService kJsonServices[] = {{"secretsmanager.", "secretsmanager"},
                                         {"AmazonSSM.", "ssm"}};

std::string_view target_of(const ServerRequest& request) { return request.header("X-Amz-Target"); }

const JsonService* service_of(std::string_view target) {
  for (const JsonService& one : kJsonServices) {
    if (target.starts_with(one.target)) return &one;
  }
  return nullptr;
}

enum class Protocol { kJson, kQuery, kAgent };
Protocol protocol_of(const ServerRequest& request) {
  if (request.path == kAgentPath) return Protocol::kAgent;
  return target_of(request).empty() ? Protocol::kQuery : Protocol::kJson;
}

AwsForm form_of(const ServerRequest& request) {
  AwsForm form = parse_form(request.body.expose());
  form.insert(request.query.begin(), request.query.end());
  return form;
}

// The service of the query protocol that is meant: what the scope names, STS when nothing is
// signed.
std::string query_service_of(const ServerRequest& request) {
  const auto with = read_authorization(request);
  return with.ok() && with->service == "iam" ? "iam" : "sts";
}

struct SignatureCode {
  SignatureProblem problem;
  std::string_view json;   // JSON services, status 400
  std::string_view query;  // query protocol, status 403
};
constexpr SignatureCode kSignatureCodes[] = {
    {SignatureProblem::kMissing, "MissingAuthenticationTokenException",
     "MissingAuthenticationToken"},
    {SignatureProblem::kIncomplete, "IncompleteSignatureException", "IncompleteSignature"},
    {SignatureProblem::kUnknownKey, "UnrecognizedClientException", "InvalidClientTokenId"},
    {SignatureProblem::kExpiredToken, "ExpiredTokenException", "ExpiredToken"},
    {SignatureProblem::kMismatch, "InvalidSignatureException", "SignatureDoesNotMatch"},
};

AwsReply reply_of(const SignatureRefusal& refusal, Protocol protocol) {
  for (const SignatureCode& code : kSignatureCodes) {
    if (code.problem != refusal.problem) continue;
    return protocol == Protocol::kJson ? aws_refusal(code.json, refusal.message)
                                       : aws_refusal(code.query, refusal.message, 403);
  }
  return aws_refusal("InternalFailure", refusal.message, 500);
}

ServerResponse with_id(ServerResponse response, const std::string& id) {
  response.headers.push_back({"x-amzn-RequestId", id});
  return response;
}

ServerResponse json_response(const AwsReply& reply) {
  if (!reply.refused())
    return with_id(ServerResponse::of(reply.status, kJsonType, to_text(reply.body)), aws_uuid());
  Json body = Json::Object{{"__type", Json(reply.code)}};
  if (!reply.message.empty()) body.set("message", reply.message);
  ServerResponse response = ServerResponse::of(reply.status, kJsonType, to_text(body));
  response.headers.push_back({"x-amzn-ErrorType", reply.code});
  return with_id(std::move(response), aws_uuid());
}

ServerResponse query_response(const AwsReply& reply, std::string_view action,
                              std::string_view service) {
  const std::string id = aws_uuid();
  const std::string version = service == "iam" ? "2010-05-08" : "2011-06-15";
  std::string inner, name;
  if (reply.refused()) {
    name = "ErrorResponse";
    inner =
        cat(xml_around("Error",
                       cat(xml_element("Type", reply.status < 500 ? "Sender" : "Receiver"),
                           xml_element("Code", reply.code), xml_element("Message", reply.message))),
            xml_element("RequestId", id));
  } else {
    name = cat(action, "Response");
    inner = cat(xml_around(cat(action, "Result"), reply.xml),
                xml_around("ResponseMetadata", xml_element("RequestId", id)));
  }
  const std::string text = cat('<', name, " xmlns=\"https://", service, ".amazonaws.com/doc/",
                               version, "/\">", inner, "</", name, '>');
  return with_id(ServerResponse::of(reply.status, kXmlType, text), id);
}

// What AWS calls a failure of that status.
std::string_view code_of(int status, Protocol protocol) {
  const bool json = protocol == Protocol::kJson;
  if (status == 429) return json ? "ThrottlingException" : "Throttling";
  if (status == 403) return json ? "AccessDeniedException" : "AccessDenied";
  if (status == 404) return "ResourceNotFoundException";
  if (status == 503) return "ServiceUnavailable";
  if (status >= 500) return "InternalFailure";
  return json ? "ValidationException" : "ValidationError";
}

}  // namespace

ServerResponse AwsFace::answer(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  switch (protocol_of(request)) {
    case Protocol::kAgent:
      return agent_.answer(iam_, request, clock_.wall_now());
    case Protocol::kJson:
      return json_response(answer_json(request, target_of(request)));
    case Protocol::kQuery:
      break;
  }
  const AwsForm form = form_of(request);
  return query_response(answer_query(request), form_value(form, "Action"),
                        query_service_of(request));
}

ServerResponse AwsFace::refuse(int status, const std::string& message) const {
  return json_response(aws_refusal(code_of(status, Protocol::kJson), message, status));
}

ServerResponse AwsFace::fail_as(const Fault& fault, const ServerRequest& request) const {
  const Protocol protocol = protocol_of(request);
  const std::string_view code =
      fault.code.empty() ? code_of(fault.status, protocol) : std::string_view(fault.code);
  const AwsReply reply = aws_refusal(code, "fault ordered by a test", fault.status);
  return protocol == Protocol::kQuery ? query_response(reply, "", query_service_of(request))
                                      : json_response(reply);
}

ServerResponse AwsFace::answer_dev(const ServerRequest& request) {
  if (request.path != "/dev/seed" || request.method != "POST") return refuse(404, "no such path");
  const auto seed = parse_json(request.body.expose());
  if (!seed.ok()) return refuse(400, seed.error().message());
  const std::lock_guard lock(mutex_);
  const Status added = add(*seed);
  return added.ok() ? ServerResponse{204, {}, {}, AnswerEnd::kWhole}
                    : refuse(400, added.error().message());
}

std::string AwsFace::name_of(const ServerRequest& request) const {
  if (protocol_of(request) == Protocol::kAgent) return request.path;
  const std::string_view target = target_of(request);
  if (const JsonService* service = service_of(target))
    return cat('/', service->service, '.', target.substr(service->target.size()));
  if (!target.empty()) return cat('/', target);
  const AwsForm form = form_of(request);
  const std::string_view action = form_value(form, "Action");
  return action.empty() ? request.path : cat('/', query_service_of(request), '.', action);
}

Result<const AwsKey*, AwsReply> AwsFace::signer_of(const ServerRequest& request,
                                                   std::string_view service) const {
  const Protocol protocol = protocol_of(request);
  const auto with = read_authorization(request);
  if (!with.ok()) return reply_of(with.error(), protocol);
  const SignatureNeeds needs{service, [this](std::string_view region) {
                               return is_aws_region(region) &&
                                      (known_regions_.empty() || known_regions_.contains(region));
                             }};
  const auto key = check_signature(request, *with, iam_, needs, clock_.wall_now());
  if (!key.ok()) return reply_of(key.error(), protocol);
  return *key;
}

AwsReply AwsFace::answer_json(const ServerRequest& request, std::string_view target) {
  const JsonService* service = service_of(target);
  if (service == nullptr || request.path != "/" || request.method != "POST")
    return aws_refusal("UnknownOperationException", "");
  const auto signer = signer_of(request, service->service);
  if (!signer.ok()) return signer.error();
  const AwsIdentity& who = (*signer)->whose;
  auto body = parse_json(request.body.expose());
  if (!body.ok() || body->as_object() == nullptr) return aws_refusal("SerializationException", "");
  AwsCall asked{std::string(target.substr(service->target.size())), std::move(*body), who.arn,
                [this, &who](std::string_view action, std::string_view resource) {
                  return iam_.allows(who, action, resource);
                },
                clock_.wall_now()};
  return call(service->service, read_authorization(request)->region, asked);
}

AwsReply AwsFace::call(std::string_view service, const std::string& name, const AwsCall& asked) {
  Region& there = region(name);
  return service == "ssm" ? there.parameters.handle(asked) : there.secrets.handle(asked);
}

AwsReply AwsFace::answer_query(const ServerRequest& request) {
  const AwsForm form = form_of(request);
  const std::string_view action = form_value(form, "Action");
  if (request.path != "/" || action.empty())
    return aws_refusal("MissingAction", "Could not find an action in the request", 400);
  if (action == "AssumeRoleWithWebIdentity")
    return assume_role_with_web_identity(iam_, form, clock_.wall_now());
  const std::string service = query_service_of(request);
  const auto signer = signer_of(request, service);
  if (!signer.ok()) return signer.error();
  const AwsIdentity& who = (*signer)->whose;
  return service == "iam" ? iam_.handle(form, who) : handle_sts(iam_, form, who, clock_.wall_now());
}

AwsFace::Region& AwsFace::region(const std::string& name) {
  const auto found = regions_.find(name);
  if (found != regions_.end()) return found->second;
  return regions_
      .emplace(name,
               Region{SecretsManager(iam_.account(), name), ParameterStore(iam_.account(), name)})
      .first->second;
}

}  // namespace keyferry::dev
