/** Products and basket of the demo shop, which log every action. */
import { byId, h } from "../shared/dom.ts";
import type { DemoLogger } from "./demo-logger.ts";
import { PRODUCTS, toPrice, type Product } from "./products.ts";

const LOW_STOCK = 3;

/** Adds the products to the page. */
export const createShop = (logger: DemoLogger, showToast: (message: string) => void): void => {
  const basket: Product[] = [];
  const basketText = byId("basket", HTMLParagraphElement);
  const checkout = byId("checkout", HTMLButtonElement);
  const totalCents = (): number => basket.reduce((sum, { priceCents }) => sum + priceCents, 0);

  const showBasket = (): void => {
    const { length } = basket;
    basketText.textContent =
      length === 0 ? "Your basket is empty." : `${length} ${length === 1 ? "item" : "items"}, ${toPrice(totalCents())}`;
    checkout.disabled = length === 0;
  };

  const view = ({ sku, name }: Product): void => {
    logger.log("debug", `Product viewed: ${name}`, { "product.sku": sku });
    showToast(`Viewing ${name}`);
  };

  const add = (product: Product): void => {
    const { sku, name, priceCents, stock } = product;
    basket.push(product);
    logger.log("info", `Added to basket: ${name}`, {
      "product.sku": sku,
      "product.price_cents": priceCents,
      "basket.size": basket.length,
    });
    if (stock < LOW_STOCK) logger.log("warn", `Low stock: ${name}`, { "product.sku": sku, "product.stock": stock });
    showBasket();
  };

  checkout.addEventListener("click", () => {
    const order = `o-${Date.now().toString(36)}`;
    logger.log("info", `Order ${order} placed`, {
      "order.id": order,
      "order.total_cents": totalCents(),
      "order.items": basket.map(({ sku }) => sku),
    });
    showToast(`Order ${order} is on its way. Thank you!`);
    basket.length = 0;
    showBasket();
  });

  byId("products", HTMLUListElement).append(
    ...PRODUCTS.map((product) =>
      h(
        "li",
        { class: "card product" },
        h(
          "button",
          {
            class: "view",
            attributes: { type: "button", "aria-label": `View ${product.name}` },
            on: { click: () => view(product) },
          },
          h("img", { attributes: { src: product.image, alt: "", width: "120", height: "90" } }),
        ),
        h("span", { class: "name" }, product.name),
        h("span", { class: "price" }, toPrice(product.priceCents)),
        h(
          "button",
          {
            class: "button add",
            attributes: { type: "button", "aria-label": `Add ${product.name} to the basket` },
            on: { click: () => add(product) },
          },
          "Add",
        ),
      ),
    ),
  );
  showBasket();
};
