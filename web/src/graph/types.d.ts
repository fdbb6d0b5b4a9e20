declare module 'd3-flextree' {
  import type { HierarchyPointNode } from 'd3-hierarchy';
  interface Layout<T> {
    (tree: HierarchyPointNode<T>): HierarchyPointNode<T>;
    hierarchy(data: T, children?: (datum: T) => T[] | undefined): HierarchyPointNode<T>;
  }
  interface Options<T> {
    nodeSize: (node: HierarchyPointNode<T>) => [number, number];
    spacing: number | ((a: HierarchyPointNode<T>, b: HierarchyPointNode<T>) => number);
  }
  export function flextree<T>(options: Options<T>): Layout<T>;
}
