/** A product of the shop. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly image: string;
  readonly priceCents: number;
  readonly stock: number;
}

export const PRODUCTS: readonly Product[] = [
  { sku: "cof-250", name: "House coffee", image: "/shop/coffee.svg", priceCents: 890, stock: 24 },
  { sku: "bre-100", name: "Country loaf", image: "/shop/bread.svg", priceCents: 420, stock: 7 },
  { sku: "app-006", name: "Six apples", image: "/shop/apples.svg", priceCents: 310, stock: 40 },
  { sku: "mil-001", name: "Fresh milk", image: "/shop/milk.svg", priceCents: 160, stock: 31 },
  { sku: "che-200", name: "Mountain cheese", image: "/shop/cheese.svg", priceCents: 750, stock: 12 },
  { sku: "tul-012", name: "Tulips", image: "/shop/tulips.svg", priceCents: 1150, stock: 2 },
];

/** Formats a price in the locale of the browser. */
export const toPrice = (cents: number): string =>
  new Intl.NumberFormat(undefined, { style: "currency", currency: "EUR" }).format(cents / 100);
