"""HealthChain's CDSHooksService, with a card that never changes."""

from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.gateway.cds import CDSHooksConfig
from healthchain.models import Card, CDSRequest, CDSResponse

CARD = Card(
    summary="A card that never changes",
    indicator="info",
    detail="It shows what the server and the decoding cost by themselves.",
    source={"label": "Floor"},
)
service = CDSHooksService(CDSHooksConfig(base_path=""))


@service.hook("order-select", id="ketamine-order-select", title="Floor")
def answer(request: CDSRequest) -> CDSResponse:
    return CDSResponse(cards=[CARD])


app = HealthChainAPI()
app.register_service(service)
